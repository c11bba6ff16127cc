using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Mailings;

/// <summary>The database of a service that makes mailings.</summary>
public abstract class MailingsDbContext(DbContextOptions options) : AlertsDbContext(options)
{
    public DbSet<OutgoingMailing> Mailings => Set<OutgoingMailing>();

    public DbSet<MailingPage> MailingPages => Set<MailingPage>();

    /// <summary>The next of those, by id, who said that they come to an event; nobody where a service keeps no answers.</summary>
    public virtual Task<List<Guid>> AttendingAsync(Guid eventId, Guid after, int size, CancellationToken cancellationToken) => Task.FromResult<List<Guid>>([]);

    /// <summary>Who of these said so.</summary>
    public virtual Task<HashSet<Guid>> AttendingAsync(Guid eventId, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken) => Task.FromResult<HashSet<Guid>>([]);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfiguration(new OutgoingMailing.Mapping());
        modelBuilder.ApplyConfiguration(new MailingPage.Mapping());
    }
}
