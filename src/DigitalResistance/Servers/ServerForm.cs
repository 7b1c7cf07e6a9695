using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Servers;

/// <summary>What an owner typed. Holds an address and secrets, so it does not print itself.</summary>
/// <param name="Protocol">Id of the protocol.</param>
/// <param name="Label">What the owner calls the server.</param>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">Port, as text.</param>
/// <param name="Settings">The protocol's settings by name.</param>
public sealed record ServerForm(string Protocol, string Label, string Host, string Port, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The longest label.</summary>
    public const int LongestLabel = 80;

    /// <summary>Nothing that was typed.</summary>
    public override string ToString() => nameof(ServerForm);
}

/// <summary>One thing that is wrong with a <see cref="ServerForm"/>; the page has the words.</summary>
public abstract record FormProblem
{
    private FormProblem()
    {
    }

    /// <summary>There is no such protocol.</summary>
    public sealed record Protocol : FormProblem;

    /// <summary>The label is missing, too long, or holds a control character.</summary>
    public sealed record Label : FormProblem;

    /// <summary>The host cannot be read.</summary>
    public sealed record Host(HostRefusal Refusal) : FormProblem;

    /// <summary>The host is an address that is not public.</summary>
    public sealed record Address(AddressRefusal Refusal) : FormProblem;

    /// <summary>The port cannot be used.</summary>
    public sealed record Port(PortRefusal Refusal) : FormProblem;

    /// <summary>A setting is wrong.</summary>
    public sealed record Setting(string Name, SettingProblem Problem) : FormProblem;
}

/// <summary>Judges a form by its text alone: nothing is looked up, so that the answer tells nothing about anybody else's server.</summary>
public sealed class ServerFormCheck(ProbeCatalog catalog, Dialer dialer)
{
    /// <summary>Everything that is wrong; and where nothing is, what the form says.</summary>
    public IReadOnlyList<FormProblem> Check(ServerForm form, out CheckedForm? good)
    {
        good = null;
        if (catalog.Find(form.Protocol) is not { } probe) return [new FormProblem.Protocol()];
        var problems = new List<FormProblem>();
        var label = form.Label.Trim();
        if (label.Length is 0 or > ServerForm.LongestLabel || label.Any(char.IsControl)) problems.Add(new FormProblem.Label());
        if (!HostName.TryParse(form.Host.Trim(), out var host, out var hostRefusal)) problems.Add(new FormProblem.Host(hostRefusal));
        else if (host.Address is { } address && dialer.Judge(address) is var refusal and not AddressRefusal.None) problems.Add(new FormProblem.Address(refusal));
        if (!HostPort.TryParsePort(form.Port.Trim(), out var port, out var portRefusal)) problems.Add(new FormProblem.Port(portRefusal));
        var parse = probe.Parse(form.Settings);
        if (parse is SettingsParse.Rejected rejected) problems.Add(new FormProblem.Setting(rejected.Setting, rejected.Problem));
        if (problems.Count == 0 && parse is SettingsParse.Accepted accepted)
        {
            good = new(probe, label, new ServerEndpoint(host!.Text, port, accepted.Settings.Values), accepted.Settings);
        }

        return problems;
    }
}

/// <summary>A form that may be stored.</summary>
public sealed record CheckedForm(IProbe Protocol, string Label, ServerEndpoint Endpoint, ProbeSettings Settings);
