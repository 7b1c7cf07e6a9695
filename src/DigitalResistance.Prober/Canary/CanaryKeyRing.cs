using System.Security.Cryptography;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// The answering side's keys: the master secret and the vantages that may ask. A token names nobody, so the ring tries the key of every
/// vantage; that is a microsecond each, and fine for hundreds.
/// </summary>
public sealed class CanaryKeyRing
{
    private readonly byte[] _master;
    private readonly TimeProvider _time;
    private volatile Epochs _epochs;

    /// <summary>Creates a ring for some vantages.</summary>
    public CanaryKeyRing(ReadOnlySpan<byte> master, IEnumerable<string> vantages, TimeProvider time)
    {
        if (master.Length != CanaryKey.Length) throw new ArgumentException($"The canary's master secret has {CanaryKey.Length} bytes.", nameof(master));
        (_master, _time) = (master.ToArray(), time);
        _epochs = new Epochs([.. vantages], []);
    }

    /// <summary>Replaces the vantages that may ask.</summary>
    public void Admit(IEnumerable<string> vantages) => _epochs = new Epochs([.. vantages], []);

    /// <summary>What a vantage needs to ask the canary now.</summary>
    public CanaryTicket Issue(string vantage) => Ticket(vantage, CanaryEpoch.At(_time.GetUtcNow()));

    /// <summary>How a kind of question makes its tag.</summary>
    internal delegate byte[] TagFunction(CanaryKey key, ReadOnlySpan<byte> nonce);

    /// <summary>The ticket under which a token was made, or null when no vantage made it.</summary>
    internal CanaryTicket? Find(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> tag, TagFunction tagOf)
    {
        foreach (var ticket in Current())
        {
            if (CryptographicOperations.FixedTimeEquals(tagOf(ticket.Key, nonce), tag)) return ticket;
        }

        return null;
    }

    /// <summary>Tickets of today, and of the neighbouring day while clocks may disagree about midnight.</summary>
    private CanaryTicket[] Current()
    {
        var now = _time.GetUtcNow();
        long[] days = [.. new[] { CanaryEpoch.At(now), CanaryEpoch.At(now - CanaryEpoch.Grace), CanaryEpoch.At(now + CanaryEpoch.Grace) }.Distinct()];
        var epochs = _epochs;
        if (epochs.Days.AsSpan().SequenceEqual(days)) return epochs.Tickets;
        var fresh = new Epochs(epochs.Vantages, days) { Tickets = [.. days.SelectMany(day => epochs.Vantages.Select(vantage => Ticket(vantage, day)))] };
        if (ReferenceEquals(epochs, _epochs)) _epochs = fresh; // a lost race costs a derivation more, and never an admitted vantage for longer than one
        return fresh.Tickets;
    }

    private CanaryTicket Ticket(string vantage, long epoch) => new(vantage, epoch, CanaryKey.Derive(_master, vantage, epoch));

    private sealed record Epochs(string[] Vantages, long[] Days)
    {
        public CanaryTicket[] Tickets { get; init; } = [];
    }
}
