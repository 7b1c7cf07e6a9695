using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>What a server may stand behind (SIP003): nothing, or simple-obfs as HTTP. A plugin changes streams; datagrams go beside it.</summary>
internal static class ShadowsocksPlugin
{
    private static readonly string[] ObfsNames = ["obfs-local", "simple-obfs"];

    /// <summary>What changes nothing for a server.</summary>
    private static readonly string[] ClientsOwn = ["fast-open", "mptcp", "tfo"];

    /// <summary>The declarations, to be appended to a protocol's own.</summary>
    public static IReadOnlyList<Setting> Declared { get; } =
    [
        new("plugin", "Plugin", SettingKind.Choice) { Choices = [new("none", "None"), new("obfs-http", "simple-obfs (http)")] },
        new("obfs_host", "Host name that it shows, where it is not the usual one", SettingKind.Text) { When = new("plugin", "obfs-http"), Required = false, MaxBytes = 253 },
    ];

    /// <summary>The check that a length cannot make.</summary>
    public static SettingsParse Check(SettingsParse parsed) =>
        parsed is SettingsParse.Accepted { Settings: var settings } && settings["obfs_host"].Length > 0 && !HostName.TryParse(settings["obfs_host"], out _, out _)
            ? new SettingsParse.Rejected("obfs_host", SettingProblem.Malformed)
            : parsed;

    /// <summary>What a link's <c>plugin</c> says (<c>name;option=value;…</c>), and what of it is not supported.</summary>
    public static IReadOnlyList<string> Read(string plugin, Dictionary<string, string> settings)
    {
        var parts = plugin.Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) return [];
        var options = parts[1..].Select(part => part.Split('=', 2)).GroupBy(pair => pair[0], StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Last().ElementAtOrDefault(1) ?? "", StringComparer.Ordinal);
        var obfs = options.GetValueOrDefault("obfs", "");
        if (!ObfsNames.Contains(parts[0], StringComparer.Ordinal)) return [$"plugin={parts[0]}"];
        if (obfs != "http") return [$"plugin={parts[0]};obfs={obfs}"];
        settings["plugin"] = "obfs-http";
        settings["obfs_host"] = options.GetValueOrDefault("obfs-host", "");
        return [.. options.Keys.Except([.. ClientsOwn, "obfs", "obfs-host"], StringComparer.Ordinal)];
    }

    /// <summary>The wire on which the protocol itself is spoken.</summary>
    public static Wire Lay(ProbeSession session, Wire wire) =>
        session.Settings["plugin"] == "obfs-http" ? session.LayBeneath(new ObfsHttpTransport(session, wire, ObfsHttpTransport.HostHeader(session))) : wire;
}
