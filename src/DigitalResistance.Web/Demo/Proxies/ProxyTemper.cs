namespace DigitalResistance.Web.Demo.Proxies;

/// <summary>What kind of server a demo proxy is; the same kinds that the registry meets outside.</summary>
internal enum ProxyTemper
{
    /// <summary>Carries whatever it is asked to.</summary>
    Good,

    /// <summary>Is away for a part of the time: connections are refused, as from a machine that reboots again and again.</summary>
    Flapping,

    /// <summary>Answers every request with success and carries nothing.</summary>
    Lying,
}
