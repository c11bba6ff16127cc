using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Links;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Staff;

public static class StaffStart
{
    /// <summary>Brings all tables up to date and loads the link keys: what must be done before anything starts, sends or answers.</summary>
    /// <param name="wait">False (verbs): a database that isn't there is an error; true (serve): it is waited for.</param>
    public static async Task PrepareAsync(this IServiceProvider services, bool wait, CancellationToken cancellationToken)
    {
        await services.MigrateAsync(wait, cancellationToken);
        await services.GetRequiredService<LinkTokens>().LoadAsync(cancellationToken);
    }
}
