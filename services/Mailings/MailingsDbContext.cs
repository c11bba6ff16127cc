using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Mailings;

/// <summary>The database of a service that makes mailings.</summary>
public abstract class MailingsDbContext(DbContextOptions options) : AlertsDbContext(options)
{
    public DbSet<OutgoingMailing> Mailings => Set<OutgoingMailing>();

    public DbSet<MailingPage> MailingPages => Set<MailingPage>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfiguration(new OutgoingMailing.Mapping());
        modelBuilder.ApplyConfiguration(new MailingPage.Mapping());
    }
}
