using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Links;
using Alerts.ServiceDefaults.Templates;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>A person who edits or administers. Readers have no accounts.</summary>
public sealed class StaffUser : IdentityUser<Guid>
{
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null before the first time.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>From then on she can't sign in; her record stays.</summary>
    public DateTimeOffset? DeactivatedAt { get; set; }

    /// <summary>The time step (RFC 6238 §4.1) of the last code that was taken: neither it nor an earlier one is taken again.</summary>
    public long LastCodeStep { get; set; }
}

/// <summary>What all processes share about staff and secrets: accounts, sessions, API keys, the audit log, templates of mails, Data Protection keys, link keys.</summary>
public abstract class StaffDb(DbContextOptions options) : IdentityDbContext<StaffUser, IdentityRole<Guid>, Guid>(options), IDataProtectionKeyContext
{
    internal const string Schema = "staff";

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<LinkKey> LinkKeys => Set<LinkKey>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Invitation> Invitations => Set<Invitation>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<StaffSession> Sessions => Set<StaffSession>();

    public DbSet<StaffRules> Rules => Set<StaffRules>();

    public DbSet<StaffMail> Mails => Set<StaffMail>();

    public DbSet<WrittenTemplate> Templates => Set<WrittenTemplate>();

    public DbSet<MailTheme> Themes => Set<MailTheme>();

    public DbSet<IdempotentRequest> IdempotentRequests => Set<IdempotentRequest>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<AlertsDbContext.UtcConverter>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        base.OnModelCreating(builder);
        if (Database.IsNpgsql())
        {
            builder.HasDefaultSchema(Schema);
        }

        // Passkeys, as Identity maps them in its third schema; what else that changes we don't need.
        builder.Entity<StaffUser>().HasMany<IdentityUserPasskey<Guid>>().WithOne().HasForeignKey(p => p.UserId).IsRequired();
        builder.Entity<IdentityUserPasskey<Guid>>(passkey =>
        {
            passkey.ToTable("AspNetUserPasskeys");
            passkey.HasKey(p => p.CredentialId);
            passkey.Property(p => p.CredentialId).HasMaxLength(1_023); // Web Authentication §4, Credential ID
            passkey.OwnsOne(p => p.Data).ToJson();
        });

        builder.ApplyConfigurationsFromAssembly(typeof(StaffDb).Assembly, type => type.DeclaringType?.Namespace is { } space && (space == typeof(StaffDb).Namespace || space == typeof(LinkKey).Namespace || space == typeof(MailTheme).Namespace));
    }
}

public sealed class SqliteStaffDb(DbContextOptions<SqliteStaffDb> options) : StaffDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteStaffDb>(options => new(options));
}

public sealed class PostgresStaffDb(DbContextOptions<PostgresStaffDb> options) : StaffDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresStaffDb>(options => new(options));
}
