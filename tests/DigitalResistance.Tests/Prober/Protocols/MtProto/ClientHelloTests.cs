using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Tests.Prober.Protocols.MtProto;

/// <summary>What Telegram's apps say first inside fake TLS, and we after them.</summary>
public sealed class ClientHelloTests
{
    private const string Domain = "www.example.net";
    private static readonly byte[] Key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    [Fact]
    public void Hellos_have_the_sizes_and_the_shape_that_servers_look_for()
    {
        foreach (var domain in new[] { "a.de", Domain, new string('a', 60) + "." + new string('b', 60) + "." + new string('c', 55) + ".net" })
        {
            var classic = ClientHello.Write(HelloSize.Classic, domain, Key, DateTimeOffset.UtcNow);
            Assert.Equal("1603010200010001fc0303", Convert.ToHexStringLower(classic.AsSpan(0, 11)));
            Assert.Equal(517, classic.Length);
            var large = ClientHello.Write(HelloSize.Large, domain, Key, DateTimeOffset.UtcNow);
            Assert.InRange(large.Length, 1650 + domain.Length, 1850 + domain.Length);
            foreach (var hello in new[] { classic, large })
            {
                Assert.Equal(hello.Length - 5, (hello[3] << 8) | hello[4]);
                Assert.Equal(hello.Length - 9, (hello[6] << 16) | (hello[7] << 8) | hello[8]);
                Assert.Contains(domain, Encoding.Latin1.GetString(hello), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_hello_is_a_hello_for_a_real_TLS_server_too()
    {
        // It must look like TLS to everybody, so a real server must be able to read it and choose from it.
        using var certificate = new TestAuthority().Issue(Domain);
        foreach (var size in new[] { HelloSize.Classic, HelloSize.Large })
        {
            string? seen = null;
            await using var server = new ScriptedServer(async (stream, stop) =>
            {
                await using var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync((_, hello, _, _) =>
                {
                    seen = hello.ServerName;
                    return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 });
                }, null, stop);
            });
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", server.Port);
            await client.GetStream().WriteAsync(ClientHello.Write(size, Domain, Key, DateTimeOffset.UtcNow));
            var answer = await ScriptedServer.ReadAsync(client.GetStream(), 6, CancellationToken.None);
            Assert.Equal((22, 2, Domain), (answer[0], answer[5], seen)); // a handshake record with a ServerHello in it
        }
    }

    [Fact]
    public void The_classic_hello_has_the_fields_of_2019_in_their_order()
    {
        var extensions = Extensions(Write(HelloSize.Classic));
        var types = extensions.Select(extension => Type(extension.Type));
        Assert.Equal("grease 0000 0017 ff01 000a 000b 0023 0010 0005 000d 0012 0033 002d 002b 001b grease 0015", string.Join(' ', types));
        Assert.Matches(@"^0a(?<g>.a)\k<g>0304030303020301$", Body(extensions, 43)); // TLS 1.3 down to 1.0
        Assert.Matches(@"^0008(?<g>.a)\k<g>001d00170018$", Body(extensions, 10));
        Assert.Matches(@"^0029(?<g>.a)\k<g>000100001d0020.{64}$", Body(extensions, 51));
    }

    [Fact]
    public void The_large_hello_has_todays_fields_in_any_order()
    {
        var orders = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            var extensions = Extensions(Write(HelloSize.Large));
            var types = extensions.Select(extension => Type(extension.Type)).ToArray();
            Assert.Equal(("grease", "grease"), (types[0], types[^1]));
            Assert.Equal("0000 0005 000a 000b 000d 0010 0012 0017 001b 0023 002b 002d 0033 44cd fe0d ff01", string.Join(' ', types[1..^1].Order(StringComparer.Ordinal)));
            Assert.Matches(@"^06(?<g>.a)\k<g>03040303$", Body(extensions, 43));
            Assert.Matches(@"^04ed(?<g>.a)\k<g>00010011ec04c0.{2432}001d0020.{64}$", Body(extensions, 51));
            orders.Add(string.Join(' ', types));
        }

        Assert.True(orders.Count > 15);
    }

    [Fact]
    public void Nothing_that_a_client_invents_is_invented_twice()
    {
        foreach (var size in new[] { HelloSize.Classic, HelloSize.Large })
        {
            var seen = new HashSet<string>();
            var grease = new HashSet<string>();
            for (var i = 0; i < 40; i++)
            {
                var hello = Write(size);
                var extensions = Extensions(hello);
                var shares = Convert.FromHexString(Body(extensions, 51));
                Assert.True(seen.Add(Convert.ToHexString(hello.AsSpan(11, 32)))); // random: the proof
                Assert.True(seen.Add(Convert.ToHexString(hello.AsSpan(44, 32)))); // session id
                Assert.True(seen.Add(Convert.ToHexString(shares[^32..])));
                grease.Add(Convert.ToHexString(hello.AsSpan(78, 2)));
                if (size == HelloSize.Classic) continue;
                Assert.True(seen.Add(Convert.ToHexString(shares[11..1195]))); // ML-KEM-768
                Assert.True(seen.Add(Convert.ToHexString(shares[1195..1227]))); // and its X25519 half
                Assert.True(seen.Add(Body(extensions, 0xfe0d))); // encrypted_client_hello
            }

            Assert.InRange(grease.Count, 8, 16); // RFC 8701: one of sixteen
        }
    }

    private static byte[] Write(HelloSize size) => ClientHello.Write(size, Domain, Key, DateTimeOffset.UtcNow);

    private static string Type(int type) => (type & 0x0f0f) == 0x0a0a ? "grease" : $"{type:x4}";

    private static string Body(IEnumerable<(int Type, byte[] Body)> extensions, int type) => Convert.ToHexStringLower(extensions.Single(extension => extension.Type == type).Body);

    private static List<(int Type, byte[] Body)> Extensions(byte[] hello)
    {
        var at = 76 + 2 + ((hello[76] << 8) | hello[77]) + 2; // behind the cipher suites and the compression methods
        Assert.Equal(hello.Length - at - 2, (hello[at] << 8) | hello[at + 1]);
        var extensions = new List<(int, byte[])>();
        for (at += 2; at < hello.Length;)
        {
            var length = (hello[at + 2] << 8) | hello[at + 3];
            extensions.Add(((hello[at] << 8) | hello[at + 1], hello[(at + 4)..(at + 4 + length)]));
            at += 4 + length;
        }

        return extensions;
    }
}
