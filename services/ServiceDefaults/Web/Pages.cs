using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Web;

/// <summary>An assembly with Razor pages that this process serves.</summary>
public sealed record PageAssembly(Assembly Assembly);

/// <summary>A part of the first page, shown by the process that runs the service.</summary>
/// <param name="Component">A static component without parameters.</param>
/// <param name="Order">Lower is higher up.</param>
/// <param name="Policy">Who sees it, one of <see cref="Staff.Policies"/>; null for everybody.</param>
public sealed record HomePanel(Type Component, int Order, string? Policy);

/// <summary>A link in the navigation.</summary>
/// <param name="Order">Lower comes first. Staff find their links by what they do: below 40 write, below 60 send, below 80 readers, from there on the house itself.</param>
/// <param name="Policy">Who sees it; null for everybody.</param>
public sealed record NavigationLink(string Text, string Path, int Order, string? Policy)
{
    /// <summary>Where staff find it.</summary>
    public string Area => Order switch { < 40 => "Write", < 60 => "Send", < 80 => "Readers", _ => "House" };
}

public static class PagesExtensions
{
    /// <summary>Serves the pages in the assembly of <typeparamref name="T"/>.</summary>
    public static void AddPagesOf<T>(this IServiceCollection services) => services.AddSingleton(new PageAssembly(typeof(T).Assembly));

    public static void AddNavigation(this IServiceCollection services, IEnumerable<NavigationLink> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        foreach (var link in links)
        {
            services.AddSingleton(link);
        }
    }
}
