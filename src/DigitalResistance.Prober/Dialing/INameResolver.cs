using System.Net;

namespace DigitalResistance.Prober.Dialing;

/// <summary>The one seam through which names are looked up. One call per attempt: an answer is checked and dialled, never asked for again.</summary>
public interface INameResolver
{
    /// <summary>Every A and AAAA address of a name, or why there is none.</summary>
    ValueTask<NameLookup> LookUpAsync(HostName host, CancellationToken cancellation);

    /// <summary>The TXT records of a name, each joined to one string.</summary>
    ValueTask<TextLookup> LookUpTextAsync(HostName host, CancellationToken cancellation);

    /// <summary>The names that the holder of an address has given it (PTR records, RFC 1035 §3.5).</summary>
    ValueTask<TextLookup> LookUpNamesAsync(IPAddress address, CancellationToken cancellation);
}

/// <summary>How a lookup of addresses ended.</summary>
public abstract record NameLookup
{
    private NameLookup()
    {
    }

    /// <summary>At least one address was found.</summary>
    public sealed record Found(IReadOnlyList<IPAddress> Addresses) : NameLookup;

    /// <summary>None was, for one of the <c>name_…</c> failures.</summary>
    public sealed record Missing(Failure Failure) : NameLookup;
}

/// <summary>How a lookup of TXT or PTR records ended.</summary>
public abstract record TextLookup
{
    private TextLookup()
    {
    }

    /// <summary>The name exists; the list may be empty.</summary>
    public sealed record Found(IReadOnlyList<string> Records) : TextLookup;

    /// <summary>It does not, or could not be asked for.</summary>
    public sealed record Missing(Failure Failure) : TextLookup;
}
