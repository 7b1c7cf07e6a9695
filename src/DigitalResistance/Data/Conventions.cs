using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace DigitalResistance.Data;

/// <summary>How values are stored, the same in both contexts: satoshi as bigint, enums as text, instants in UTC.</summary>
internal static class Conventions
{
    public static void ApplyOurs(this ModelConfigurationBuilder builder, DatabaseFacade database)
    {
        builder.Properties<Sats>().HaveConversion<SatsConverter>();
        builder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(40);
        if (database.IsSqlite())
        {
            // SQLite cannot order a DateTimeOffset; microseconds since 1970 can be ordered and compared.
            builder.Properties<DateTimeOffset>().HaveConversion<MicrosecondsConverter>();
        }
        else
        {
            builder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
        }
    }

    /// <summary>An instant as it is stored, for the few statements that are written in SQL.</summary>
    public static object Stored(this DatabaseFacade database, DateTimeOffset at) =>
        database.IsSqlite() ? (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond : at.ToUniversalTime();

    public static bool Implements(this Type type, Type mapping) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == mapping);

    private sealed class SatsConverter() : ValueConverter<Sats, long>(sats => sats.Value, value => new Sats(value));

    private sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(at => at.ToUniversalTime(), at => at);

    private sealed class MicrosecondsConverter() : ValueConverter<DateTimeOffset, long>(
        at => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond,
        value => DateTimeOffset.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond));
}
