using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols;

/// <summary>A protocol whose servers are passed on as links.</summary>
public interface IReadsLinks : IProbe
{
    /// <summary>What a link says about a server of this protocol; null when it is about something else.</summary>
    LinkSettings? Read(SettingsLink link);
}

/// <summary>What a link says, as raw as a form: not checked yet.</summary>
/// <param name="Host">As written.</param>
/// <param name="Port">As written; empty for the protocol's default.</param>
/// <param name="Settings">Raw settings by name.</param>
/// <param name="Unsupported">What the link asks for beyond that, by name.</param>
public sealed record LinkSettings(string Host, string Port, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<string> Unsupported)
{
    /// <summary>Nothing of what the link holds.</summary>
    public override string ToString() => "(link settings)";
}

/// <summary>Reads pasted links with whichever protocol of the catalogue understands them.</summary>
public sealed class LinkReader(ProbeCatalog catalog)
{
    /// <summary>Reads a link and checks everything in it as the form would.</summary>
    public LinkResult Read(string? pasted)
    {
        if (!SettingsLink.TryParse(pasted, out var link)) return new LinkResult.NotALink();
        foreach (var probe in catalog.All.OfType<IReadsLinks>())
        {
            if (probe.Read(link) is { } read) return Check(probe, read);
        }

        return new LinkResult.UnknownKind(link.Kind.Length > 0 ? $"{link.Scheme}://{link.Kind}" : link.Scheme);
    }

    private static LinkResult Check(IProbe probe, LinkSettings read)
    {
        if (!HostName.TryParse(read.Host, out var host, out var hostRefusal)) return new LinkResult.HostRefused(hostRefusal);
        var port = probe.DefaultPort;
        if (read.Port.Length > 0 && !HostPort.TryParsePort(read.Port, out port, out var portRefusal)) return new LinkResult.PortRefused(portRefusal);
        return probe.Parse(read.Settings) switch
        {
            SettingsParse.Accepted accepted => new LinkResult.Understood(probe.Id, new HostPort(host, port), accepted.Settings, read.Unsupported),
            SettingsParse.Rejected rejected => new LinkResult.SettingRefused(probe.Id, rejected.Setting, rejected.Problem),
            _ => new LinkResult.NotALink(),
        };
    }
}

/// <summary>How reading a pasted link ended.</summary>
public abstract record LinkResult
{
    private LinkResult()
    {
    }

    /// <summary>Read and checked; to be shown back field by field before it is kept, with what of it is not supported.</summary>
    public sealed record Understood(string Protocol, HostPort Server, ProbeSettings Settings, IReadOnlyList<string> Unsupported) : LinkResult;

    /// <summary>Not a link, or a broken one.</summary>
    public sealed record NotALink : LinkResult;

    /// <summary>A link of a kind that no protocol here reads.</summary>
    public sealed record UnknownKind(string Kind) : LinkResult;

    /// <summary>The host in it is not accepted.</summary>
    public sealed record HostRefused(HostRefusal Refusal) : LinkResult;

    /// <summary>The port in it is not accepted.</summary>
    public sealed record PortRefused(PortRefusal Refusal) : LinkResult;

    /// <summary>A setting in it is not accepted.</summary>
    public sealed record SettingRefused(string Protocol, string Setting, SettingProblem Problem) : LinkResult;
}
