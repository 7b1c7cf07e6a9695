using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>
/// Probes that shake hands in TLS, to the verified certificate: with a web server behind a proxy, as the blackbox exporter does through the same proxies (and asks for a page besides), and with
/// a trojan that then carries the canary's answer, which nothing else tries. What the proxy and the web server take is the same for both.
/// </summary>
internal static class TlsComparison
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = arguments is [var given, ..] ? int.Parse(given, CultureInfo.InvariantCulture) : 10;
        var folder = Directory.CreateTempSubdirectory("dr-benchmark-").FullName;
        try
        {
            var roots = WriteCertificates(folder);
            await WebServerAsync(folder, roots, seconds);
            await TrojanAsync(folder, roots, seconds);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WebServerAsync(string folder, TrustRoots roots, int seconds)
    {
        var (connect, socks, webPort) = (ProberComparison.FreePort(), ProberComparison.FreePort(), ProberComparison.FreePort());
        await File.WriteAllTextAsync($"{folder}/tinyproxy.conf", $"Port {connect}\nListen 127.0.0.1\nTimeout 60\nLogLevel Error\nMaxClients 2000\n");
        await File.WriteAllTextAsync($"{folder}/nginx.conf", $$"""
            daemon off; master_process off; pid {{folder}}/nginx.pid; error_log stderr crit;
            events { worker_connections 8192; }
            http { access_log off; server { listen 127.0.0.1:{{webPort}} ssl backlog=4096; ssl_certificate {{folder}}/web.pem; ssl_certificate_key {{folder}}/web.pem; ssl_protocols TLSv1.3;
              ssl_session_tickets off; location / { return 200 "ok"; } } }
            """);
        using var tinyproxy = Usage.Start("tinyproxy", "-d", "-c", $"{folder}/tinyproxy.conf");
        using var microsocks = Usage.Start("microsocks", "-i", "127.0.0.1", "-p", $"{socks}");
        using var web = Usage.Start("nginx", "-e", "stderr", "-c", $"{folder}/nginx.conf");
        try
        {
            foreach (var (name, probe, scheme, proxy, port) in new[] { ("tinyproxy", "http-connect", "http", tinyproxy, connect), ("microsocks", "socks5", "socks5", microsocks, socks) })
            {
                await ProberComparison.WaitForAsync(port);
                await ProberComparison.WaitForAsync(webPort);
                double Others() => Usage.CpuSeconds(proxy.Id) + Usage.CpuSeconds(web.Id);
                Row.Header($"TLS to a web server's verified certificate through {name}", seconds);
                var target = new ProbeTarget.Tls(HostPort.Parse($"127.0.0.1:{webPort}"), Unpredictable: false);
                var assignment = new ProbeAssignment(Guid.Empty, 1, probe, HostPort.Parse($"127.0.0.1:{port}"), new Dictionary<string, string>(), target);
                foreach (var concurrency in new[] { 8, 32, 128 }) await OursAsync(assignment, roots, concurrency, seconds, Others);
                var settings = $"      proxy_url: \"{scheme}://127.0.0.1:{port}\"\n      tls_config:\n        ca_file: {folder}/root.pem\n";
                foreach (var concurrency in new[] { 8, 32 }) await Comparators.BlackboxAsync(settings, $"https://127.0.0.1:{webPort}/", concurrency, seconds, Others);
            }
        }
        finally
        {
            web.Kill();
            microsocks.Kill();
            tinyproxy.Kill();
        }
    }

    private static async Task TrojanAsync(string folder, TrustRoots roots, int seconds)
    {
        var port = ProberComparison.FreePort();
        await File.WriteAllTextAsync($"{folder}/trojan.json", $$"""
            { "run_type": "server", "local_addr": "127.0.0.1", "local_port": {{port}}, "remote_addr": "127.0.0.1", "remote_port": 9, "password": ["benchmark"], "log_level": 5,
              "ssl": { "cert": "{{folder}}/web.pem", "key": "{{folder}}/web.pem", "alpn": ["http/1.1"], "reuse_session": false, "session_ticket": false } }
            """);
        var master = RandomNumberGenerator.GetBytes(CanaryKey.Length);
        using var trojan = Usage.Start("trojan", "-c", $"{folder}/trojan.json");
        using var canary = Usage.Start(Environment.ProcessPath!, "canary", Convert.ToHexString(master));
        try
        {
            var canaryPort = int.Parse((await canary.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await ProberComparison.WaitForAsync(port);
            Row.Header("Trojan to an answer of the target", seconds);
            var target = new ProbeTarget.Canary(HostPort.Parse($"127.0.0.1:{canaryPort}"), new CanaryKeyRing(master, ["local"], TimeProvider.System).Issue("local"));
            var assignment = new ProbeAssignment(Guid.Empty, 1, "trojan", HostPort.Parse($"127.0.0.1:{port}"),
                new Dictionary<string, string> { ["password"] = "benchmark", ["server_name"] = "proxy.example" }, target);
            foreach (var concurrency in new[] { 8, 32, 128 })
            {
                await OursAsync(assignment, roots, concurrency, seconds, () => Usage.CpuSeconds(trojan.Id) + Usage.CpuSeconds(canary.Id));
            }
        }
        finally
        {
            canary.Kill();
            trojan.Kill();
        }
    }

    private static async Task OursAsync(ProbeAssignment assignment, TrustRoots roots, int concurrency, int seconds, Func<double> others)
    {
        await ProberComparison.MeasureAsync(assignment, roots, concurrency, 2); // warm: compiled code, filled pools
        var (cpu, spent, machine, watch) = (Usage.CpuSeconds(Environment.ProcessId), others(), Usage.MachineSeconds(), Stopwatch.StartNew());
        var (ok, failed) = await ProberComparison.MeasureAsync(assignment, roots, concurrency, seconds);
        new Row($"ours, {concurrency} in flight", ok, failed, watch.Elapsed.TotalSeconds, Usage.CpuSeconds(Environment.ProcessId) - cpu, others() - spent,
            Usage.MachineSeconds() - machine, Usage.PeakMegabytes(Environment.ProcessId)).Print();
    }

    private static TrustRoots WriteCertificates(string folder)
    {
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Benchmark authority", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var root = rootRequest.CreateSelfSigned(from, from.AddYears(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("proxy.example");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(root, from, from.AddDays(300), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText($"{folder}/web.pem", $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        File.WriteAllText($"{folder}/root.pem", root.ExportCertificatePem());
        return TrustRoots.FromPem(root.ExportCertificatePem());
    }
}
