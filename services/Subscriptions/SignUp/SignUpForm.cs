using Alerts.Contracts;
using Alerts.ServiceDefaults.Web;
using Alerts.Subscriptions.Lists;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.Subscribers;
using Microsoft.AspNetCore.Http;

namespace Alerts.Subscriptions.SignUp;

/// <summary>The sign-up form as somebody filled it in: <c>address</c>, <c>list</c> for each list that is ticked, <c>frequency-{slug}</c>, <c>zone</c>, and <c>region</c> for each region that is ticked.</summary>
internal sealed class SignUpForm
{
    /// <summary>A field that people don't see and simple robots fill in.</summary>
    public const string Trap = "website";

    public static string FrequencyField(string slug) => $"frequency-{slug}";

    /// <summary>As it was typed.</summary>
    public string Address { get; private init; } = "";

    public EmailAddress? Email { get; private init; }

    /// <summary>What is ticked, by slug.</summary>
    public IReadOnlyDictionary<string, Frequency> Ticked { get; private init; } = new Dictionary<string, Frequency>();

    public bool Trapped { get; private init; }

    /// <summary>IANA zone id; null: not chosen.</summary>
    public string? Zone { get; private init; }

    /// <summary>The slugs of the regions that are ticked.</summary>
    public IReadOnlyList<string> Regions { get; private init; } = [];

    /// <summary>What she says of herself; her language is that of the page.</summary>
    public SubscriberDetails Details { get; private init; } = new();

    public string? RegionsProblem { get; private init; }

    public string? AddressProblem { get; private init; }

    public string? ListsProblem { get; private init; }

    public bool IsGood => AddressProblem is null && ListsProblem is null && RegionsProblem is null;

    /// <summary>The form before anybody wrote into it.</summary>
    public static SignUpForm Blank(IEnumerable<MailingList> ticked) => new() { Ticked = ticked.ToDictionary(list => list.Slug, list => list.DefaultFrequency) };

    /// <param name="offered">The lists that stand on the page; others are ignored.</param>
    public static SignUpForm Read(IFormCollection form, IReadOnlyCollection<MailingList> offered, KnownRegions known)
    {
        var address = form["address"].ToString();
        var good = EmailAddress.TryRead(address, out var email, out var problem);
        var ticked = offered.Where(list => form["list"].Contains(list.Slug)).ToDictionary(
            list => list.Slug, list => Words.TryRead<Frequency>(form[FrequencyField(list.Slug)], out var frequency) ? frequency : list.DefaultFrequency);
        var zone = form["zone"].ToString();
        var regions = known.Ticked(form);
        var details = new SubscriberDetails
        {
            // A form on another site has none; a robot's nonsense is no reason to say no.
            Zone = SubscriberDetails.IsZone(zone) ? zone : null,
            Regions = regions,
            Language = Languages.Current,
        };
        return new SignUpForm
        {
            Address = address.Length <= EmailAddress.MaxLength ? address : "",
            Email = email,
            AddressProblem = good ? null : problem,
            Ticked = ticked,
            ListsProblem = ticked.Count > 0 ? null : "Tick at least one list.",
            Zone = details.Zone,
            Regions = regions,
            Details = details,
            RegionsProblem = details.Problems().GetValueOrDefault("regions")?[0],
            Trapped = !string.IsNullOrEmpty(form[Trap]),
        };
    }
}
