using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Prober;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary><c>curl</c>, which shares no line with us, asked the same of the same proxy: whether it carries, and which number it gave as its reason if not.</summary>
public sealed partial class CurlAgreesTests
{
    public static TheoryData<string> OfCurl => ProxyCase.OfCurl;

    [Theory, MemberData(nameof(OfCurl))]
    public async Task Curl_and_the_probe_say_the_same_of_right_wrong_and_missing_credentials_and_of_a_closed_target(string name)
    {
        await using var proving = new RealProving();
        await using var proxy = await ProxyCase.StartAsync(name);
        var page = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await using var origin = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{page}"), stop);
        });

        // curl speaks TLS to HTTP proxies only: before SOCKS5 a stranger does it for it.
        await using var back = proxy is { Protocol: "socks5-tls", Front: { } front } ? await front.ClientAsync() : null;
        var missing = proxy.Right.Where(setting => setting.Key is "certificate" or "fingerprint").ToDictionary();
        foreach (var (settings, carries) in new[] { (proxy.Right, true), (proxy.Wrong ?? proxy.Right, proxy.Wrong is null), (missing, proxy.Wrong is null) })
        {
            var (said, ours) = (await CurlAsync(settings, origin.Address), Said(await proving.ProbeAsync(proxy, settings)));
            Assert.Equal(new Verdict(carries, ours.Code), ours);
            Assert.Equal(ours, said);
        }

        var closed = proving.ClosedTarget;
        Assert.Equal(Said(await proving.ProbeAsync(proxy, proxy.Right, closed)), await CurlAsync(proxy.Right, closed));

        async Task<Verdict> CurlAsync(Dictionary<string, string> settings, HostPort target)
        {
            var scheme = proxy.Protocol.StartsWith("socks5", StringComparison.Ordinal) ? "socks5h" : proxy.Protocol == "https-connect" ? "https" : "http";
            var login = settings.TryGetValue("username", out var user) ? $"{user}:{settings["password"]}@" : "";
            var line = $"{Needs.Program("curl")} -sS -m 10 -p --proxy-insecure -x {scheme}://{login}127.0.0.1:{back?.Port ?? proxy.Peer.Port} -w '\\n%{{http_connect}}\\n%{{errormsg}}' http://{target.Authority}/ || true";
            var lines = (await PeerProcess.RunAsync("sh", ["-c", line])).Split('\n');
            var (status, message) = (int.Parse(lines[^2], CultureInfo.InvariantCulture), lines[^1]);
            int? code = status is not 0 and not 200 ? status : SocksCode().Match(message) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
            return new Verdict(lines[0] == page, code);
        }
    }

    private static Verdict Said(ProbeReport report) => new(report.Outcome == Outcome.Ok, report.Code);

    private sealed record Verdict(bool Carries, int? Code);

    /// <summary>"User was rejected by the SOCKS5 server (1 255)." and "Can't complete SOCKS5 connection to 127.0.0.1. (5)"</summary>
    [GeneratedRegex(@"\((?:1 )?(\d+)\)\.?$")]
    private static partial Regex SocksCode();
}
