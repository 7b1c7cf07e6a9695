using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>
/// TLS to a web server, through the CONNECT of a tinyproxy and without any, to the verified certificate: how many a second, and what each costs. The blackbox
/// exporter does the same through the same tinyproxy, and asks for a page besides. What the proxy and the web server take is the same for both.
/// </summary>
internal static class TlsComparison
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = arguments is [var given, ..] ? int.Parse(given, CultureInfo.InvariantCulture) : 10;
        var folder = Directory.CreateTempSubdirectory("dr-benchmark-").FullName;
        var (proxyPort, webPort, roots) = (ProberComparison.FreePort(), ProberComparison.FreePort(), WriteCertificates(folder));
        await File.WriteAllTextAsync($"{folder}/tinyproxy.conf", $"Port {proxyPort}\nListen 127.0.0.1\nTimeout 60\nLogLevel Error\nMaxClients 2000\n");
        await File.WriteAllTextAsync($"{folder}/nginx.conf", $$"""
            daemon off; master_process off; pid {{folder}}/nginx.pid; error_log stderr crit;
            events { worker_connections 8192; }
            http { access_log off; server { listen 127.0.0.1:{{webPort}} ssl backlog=4096; ssl_certificate {{folder}}/web.pem; ssl_certificate_key {{folder}}/web.pem; ssl_protocols TLSv1.3;
              ssl_session_tickets off; location / { return 200 "ok"; } } }
            """);
        using var proxy = Usage.Start("tinyproxy", "-d", "-c", $"{folder}/tinyproxy.conf");
        using var web = Usage.Start("nginx", "-e", "stderr", "-c", $"{folder}/nginx.conf");
        try
        {
            await ProberComparison.WaitForAsync(proxyPort);
            await ProberComparison.WaitForAsync(webPort);
            double Others() => Usage.CpuSeconds(proxy.Id) + Usage.CpuSeconds(web.Id);
            Row.Header("TLS to a verified certificate", seconds);
            var target = new ProbeTarget.Tls(HostPort.Parse($"127.0.0.1:{webPort}"), Unpredictable: false);
            foreach (var concurrency in new[] { 8, 32, 128 }) await OursAsync(new(Guid.Empty, 1, "http-connect", HostPort.Parse($"127.0.0.1:{proxyPort}"), new Dictionary<string, string>(), target), roots, concurrency, seconds, Others);
            foreach (var concurrency in new[] { 8, 32 })
            {
                await Comparators.BlackboxAsync(
                    $"      proxy_url: \"http://127.0.0.1:{proxyPort}\"\n      tls_config:\n        ca_file: {folder}/root.pem\n", $"https://127.0.0.1:{webPort}/", concurrency, seconds, Others);
            }

            return 0;
        }
        finally
        {
            web.Kill();
            proxy.Kill();
            Directory.Delete(folder, recursive: true);
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
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(root, from, from.AddDays(300), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText($"{folder}/web.pem", $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        File.WriteAllText($"{folder}/root.pem", root.ExportCertificatePem());
        return TrustRoots.FromPem(root.ExportCertificatePem());
    }
}
