using Alerts.Contracts;
using Alerts.Subscriptions.Subscribers;
using Microsoft.AspNetCore.Http;

namespace Alerts.Subscriptions.SignUp;

/// <summary>The sign-up form as somebody filled it in: <c>address</c>, <c>list</c> for each list that is ticked, and <c>frequency-{slug}</c>.</summary>
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

    public string? AddressProblem { get; private init; }

    public string? ListsProblem { get; private init; }

    public bool IsGood => AddressProblem is null && ListsProblem is null;

    /// <summary>The form before anybody wrote into it.</summary>
    public static SignUpForm Blank(IEnumerable<string> ticked) => new() { Ticked = ticked.ToDictionary(slug => slug, _ => Frequency.Daily) };

    /// <param name="offered">The slugs that stand on the page; others are ignored.</param>
    public static SignUpForm Read(IFormCollection form, IReadOnlyCollection<string> offered)
    {
        var address = form["address"].ToString();
        var good = EmailAddress.TryRead(address, out var email, out var problem);
        var ticked = form["list"].Intersect(offered).ToDictionary(
            slug => slug!, slug => Words.TryRead<Frequency>(form[FrequencyField(slug!)], out var frequency) ? frequency : Frequency.Daily);
        return new SignUpForm
        {
            Address = address.Length <= EmailAddress.MaxLength ? address : "",
            Email = email,
            AddressProblem = good ? null : problem,
            Ticked = ticked,
            ListsProblem = ticked.Count > 0 ? null : "Tick at least one list.",
            Trapped = !string.IsNullOrEmpty(form[Trap]),
        };
    }
}
