using System.Globalization;
using MailKit.Security;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;

namespace Alerts.Delivery.Sending;

/// <summary>An SMTP server that takes our mail, as configured: <c>smtp://user:pass@host:port?tls=none|starttls|tls&amp;connections=N&amp;rate=N&amp;weight=N</c>.</summary>
/// <param name="Tls">Default: <c>tls</c> on port 465, elsewhere <c>starttls</c> where the server offers it.</param>
/// <param name="Connections">How many connections to it there may be; 1 to 200, default 8. Of more than one, one is for urgent mail alone.</param>
/// <param name="Rate">Mails a second, at most; null for as fast as it takes them.</param>
/// <param name="Weight">Its share beside other relays; 1 to 100, default 1. See <see cref="Relays"/>.</param>
internal sealed record RelayAddress(string Host, int Port, string? User, string? Password, SecureSocketOptions Tls, int Connections, double? Rate, int Weight)
{
    public const string Section = "Smtp:Relays";

    private const int DefaultConnections = 8;
    private const int MaxConnections = 200;
    private const int MaxWeight = 100;

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";

    /// <summary>The relays of <c>Smtp:Relays</c>: a list, or one value with commas between. Empty: mails go to the local mailbox.</summary>
    /// <exception cref="InvalidOperationException">One isn't right; the message names it and says how to write it.</exception>
    public static IReadOnlyList<RelayAddress> Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var values = section.GetChildren().Select(c => c.Value ?? "").Concat((section.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return [.. values.Where(v => v.Length > 0).Select((value, index) => Parse(value, $"{Section}:{index}"))];
    }

    public static RelayAddress Parse(string value, string name)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") || uri.Host.Length == 0 || uri.AbsolutePath is not ("" or "/"))
        {
            throw Wrong(name, "isn't an SMTP address");
        }

        var user = uri.UserInfo.Split(':', 2);
        if (uri.UserInfo.Length > 0 && user.Length != 2)
        {
            throw Wrong(name, "names a user but no password");
        }

        var options = QueryHelpers.ParseQuery(uri.Query);
        if (options.Keys.FirstOrDefault(k => k is not ("tls" or "connections" or "rate" or "weight")) is { } unknown)
        {
            throw Wrong(name, $"has an option '{unknown}', which there isn't");
        }

        var port = uri.Port > 0 ? uri.Port : uri.Scheme == "smtps" ? 465 : 25;
        return new RelayAddress(
            uri.IdnHost.Trim('[', ']'),
            port,
            user.Length == 2 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null,
            options.TryGetValue("tls", out var tls) ? Security(tls.ToString(), name) : uri.Scheme == "smtps" || port == 465 ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable,
            options.TryGetValue("connections", out var connections) ? (int)Number(connections.ToString(), 1, MaxConnections, whole: true, name, "connections") : DefaultConnections,
            options.TryGetValue("rate", out var rate) ? Number(rate.ToString(), 0.01, 1_000_000, whole: false, name, "rate") : null,
            options.TryGetValue("weight", out var weight) ? (int)Number(weight.ToString(), 1, MaxWeight, whole: true, name, "weight") : 1);
    }

    private static SecureSocketOptions Security(string tls, string name) => tls switch
    {
        "none" => SecureSocketOptions.None,
        "starttls" => SecureSocketOptions.StartTls,
        "tls" => SecureSocketOptions.SslOnConnect,
        _ => throw Wrong(name, $"has tls={tls}, which is none of none, starttls and tls"),
    };

    private static double Number(string text, double least, double most, bool whole, string name, string option) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most && (!whole || number == Math.Floor(number))
            ? number
            : throw Wrong(name, $"has {option}={text}, which isn't a {(whole ? "whole " : "")}number from {least} to {most}");

    // The value itself may hold a password.
    private static InvalidOperationException Wrong(string name, string what) =>
        new($"{name} {what}: write it like smtp://user:password@mail.example.org:587?tls=starttls&connections=8&rate=100&weight=1 (user, password and options may be left out).");
}
