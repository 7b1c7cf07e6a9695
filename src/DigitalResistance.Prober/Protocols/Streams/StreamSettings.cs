using System.Net.Security;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Streams;

/// <summary>What VLESS and VMess share beneath themselves: TLS or none, and in it plain bytes or a WebSocket, as where a CDN stands in front.</summary>
internal static class StreamSettings
{
    /// <summary>The declarations, to be appended to a protocol's own.</summary>
    public static IReadOnlyList<Setting> Declared { get; } =
    [
        new("security", "Encryption around it", SettingKind.Choice) { Choices = [new("tls", "TLS"), new("none", "None")] },
        .. TlsSettings.DeclaredWhen("security", "tls"),
        new("transport", "Transport", SettingKind.Choice) { Choices = [new("tcp", "TCP"), new("ws", "WebSocket")] },
        new("path", "Path of the WebSocket", SettingKind.Text) { When = new("transport", "ws"), Required = false, MaxBytes = 512, Forbidden = " #" },
        new("ws_host", "Host header of the WebSocket, where it is not the host", SettingKind.Text) { When = new("transport", "ws"), Required = false, MaxBytes = 253 },
    ];

    /// <summary>The checks that a length cannot make.</summary>
    public static SettingsParse Check(SettingsParse parsed)
    {
        if (TlsSettings.Check(parsed) is not SettingsParse.Accepted { Settings: var settings } accepted) return TlsSettings.Check(parsed);
        if (settings["path"] is { Length: > 0 } path && (path[0] != '/' || path.Any(c => !char.IsAscii(c)))) return new SettingsParse.Rejected("path", SettingProblem.Malformed);
        return settings["ws_host"].Length > 0 && !HostName.TryParse(settings["ws_host"], out _, out _) ? new SettingsParse.Rejected("ws_host", SettingProblem.Malformed) : accepted;
    }

    /// <summary>What the options of a link say about these settings; what they ask for beyond that is named by them.</summary>
    public static Dictionary<string, string> Read(LinkOptions options, string host, string security, string transport)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["security"] = security, ["transport"] = transport };
        var name = options.ServerName(host, "sni", "peer");
        if (security == "tls") settings["server_name"] = name;
        var (path, ws) = (options.Value("path"), options.Value("host"));
        if (transport != "ws") return settings;
        settings["path"] = WithoutEarlyData(path);
        settings["ws_host"] = string.Equals(ws, host, StringComparison.OrdinalIgnoreCase) ? "" : ws;
        return settings;
    }

    /// <summary>Dials and lays what the settings say; null when the session has failed.</summary>
    public static async ValueTask<Wire?> OpenAsync(ProbeSession session)
    {
        if (await session.DialAsync() is not { } wire) return null;
        var isWebSocket = session.Settings["transport"] == "ws";
        if (session.Settings["security"] == "tls")
        {
            // A WebSocket is opened by HTTP/1.1 (RFC 6455 §4.1); with anything else clients of these protocols offer what a browser does.
            SslApplicationProtocol[] applications = isWebSocket ? [SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
            if (await TlsSettings.SecureAsync(session, wire, applications) is not { } secured) return null;
            wire = secured;
        }

        return isWebSocket ? await WebSocketTransport.OpenAsync(session, wire) : wire;
    }

    /// <summary>Many links carry <c>?ed=2048</c> in the path: how many bytes a client may send along early. It is no part of the server's path, and we send none.</summary>
    private static string WithoutEarlyData(string path)
    {
        var early = path.IndexOf("?ed=", StringComparison.Ordinal);
        return early >= 0 && path.AsSpan(early + 4).IndexOfAnyExceptInRange('0', '9') < 0 ? path[..early] : path;
    }
}
