using System.ComponentModel.DataAnnotations;

namespace Alerts.Notices.Events;

/// <summary>How notices are sent; the configuration's section <c>Notices</c>.</summary>
public sealed class NoticeOptions
{
    public const string Section = "Notices";

    /// <summary>How long a change of an event waits for another one that goes with it in one mail: two minutes unless said; 0 to 60 minutes. A cancellation never waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Notices:ChangeWait is a time from 00:00:00 to 01:00:00, such as 00:02:00.")]
    public TimeSpan ChangeWait { get; set; } = TimeSpan.FromMinutes(2);
}
