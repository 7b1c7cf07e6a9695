using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Accounts;

/// <summary>The one row that says how far the installation is: whether it has an admin, whether it is open, and who may join.</summary>
public sealed class SiteState
{
    /// <summary>Always 1.</summary>
    public int Id { get; init; } = 1;

    /// <summary>When the first admin was made; null while the set-up page shows.</summary>
    public DateTimeOffset? FirstAdminAt { get; set; }

    /// <summary>When an admin opened the site for donations and rounds; null before. Never taken back.</summary>
    public DateTimeOffset? OpenedAt { get; set; }

    /// <summary>Who may join, once an admin has decided; null while the option's default holds.</summary>
    public Registration? Registration { get; set; }

    internal sealed class Mapping : IMoneyMapping<SiteState>
    {
        public void Configure(EntityTypeBuilder<SiteState> builder)
        {
            builder.ToTable("site_state");
            builder.Property(s => s.Id).ValueGeneratedNever();
            builder.HasData(new SiteState());
        }
    }
}

/// <summary>What the acts ask that stay closed until everybody is ready.</summary>
internal static class SiteGate
{
    /// <summary>Whether an admin has opened the site. Never taken back, so that asking and acting need no common transaction.</summary>
    public static Task<bool> IsSiteOpenAsync(this MoneyDb db, CancellationToken cancellation) => db.Set<SiteState>().AnyAsync(s => s.OpenedAt != null, cancellation);
}

/// <summary>Reads and changes <see cref="SiteState"/>.</summary>
public sealed class Site(MoneyDb db, IOptions<AccountsOptions> options)
{
    /// <summary>Whether the first admin is there.</summary>
    public Task<bool> HasAdminAsync(CancellationToken cancellation) =>
        db.Set<SiteState>().AnyAsync(s => s.FirstAdminAt != null, cancellation);

    /// <summary>When donations and rounds were opened; null while they are closed.</summary>
    public Task<DateTimeOffset?> OpenedAtAsync(CancellationToken cancellation) => db.Set<SiteState>().Select(s => s.OpenedAt).SingleAsync(cancellation);

    /// <summary>Opens donations and rounds; true for exactly one caller, ever. Whether nothing is missing is the caller's to know.</summary>
    public async Task<bool> OpenAsync(DateTimeOffset at, CancellationToken cancellation) =>
        await db.Set<SiteState>().Where(s => s.OpenedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.OpenedAt, at), cancellation) == 1;

    /// <summary>Who may join now.</summary>
    public async Task<Registration> RegistrationAsync(CancellationToken cancellation) =>
        await db.Set<SiteState>().Select(s => s.Registration).SingleAsync(cancellation) ?? options.Value.Registration;

    /// <summary>An admin decides who may join; false, and nothing is changed, where it is no longer as <paramref name="seen"/> by that admin.</summary>
    public async Task<bool> SetRegistrationAsync(Registration registration, Registration seen, CancellationToken cancellation)
    {
        var stored = await db.Set<SiteState>().Select(s => s.Registration).SingleAsync(cancellation);
        var now = stored ?? options.Value.Registration;
        if (now == registration) return true;
        return now == seen && await db.Set<SiteState>().Where(s => s.Registration == stored)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.Registration, registration), cancellation) == 1;
    }

    /// <summary>True for exactly one caller, ever.</summary>
    internal async Task<bool> TakeFirstAdminAsync(DateTimeOffset at, CancellationToken cancellation) =>
        await db.Set<SiteState>().Where(s => s.FirstAdminAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.FirstAdminAt, at), cancellation) == 1;
}
