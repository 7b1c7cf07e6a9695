using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.MtProto;
using DigitalResistance.Prober.Tls;
using DigitalResistance.Prober.Protocols.Streams;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Prober;

/// <summary>Every message that a stranger can send: whole, in every prefix, followed by something else, and mutated.</summary>
public sealed class WireMessageTests(ITestOutputHelper output)
{
    private static readonly byte[] Nonce = [.. Enumerable.Range(64, 24).Select(i => (byte)i)];

    private static readonly CanaryTicket Ticket = new("local", 20_000, CanaryKey.Derive(Proving.Master, "local", 20_000));

    /// <summary>By type: examples of the whole message.</summary>
    internal static IReadOnlyDictionary<Type, byte[][]> Examples { get; } = new Dictionary<Type, byte[][]>
    {
        [typeof(Socks5Probe.MethodSelection)] = [[5, 0], [5, 2], [5, 0xff]],
        [typeof(Socks5Probe.UsernamePasswordStatus)] = [[1, 0], [1, 1], [1, 0xff], [5, 0]],
        [typeof(Socks5Probe.Reply)] =
        [
            [5, 0, 0, 1, 0, 0, 0, 0, 0, 0],
            [5, 0, 0, 4, .. new byte[16], 1, 187],
            [5, 0, 0, 3, 11, .. "example.net"u8, 4, 56],
            [5, 0, 0, 3, 0, 0, 0],
            [5, 0, 0, 3, 255, .. Enumerable.Repeat((byte)'a', 255), 4, 56],
            [5, 5],
            [5, 1],
        ],
        [typeof(HttpConnectProbe.ResponseHead)] =
        [
            .. new[]
            {
                "HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200 OK\r\nProxy-Agent: tinyproxy/1.11.1\r\n\r\n", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
                "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\nA: b\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 503 \u00ff\r\nX: \u0001\r\n\r\n",
                "HTTP/1.1 407 No\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
            }.Select(Encoding.Latin1.GetBytes),
        ],
        [typeof(VlessProbe.Response)] = [[0, 0], [0, 3, 1, 2, 3], [0, 255, .. new byte[255]]],
        [typeof(WebSocketTransport.UpgradeReply)] =
        [
            [.. "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"u8],
            [.. "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8],
        ],
        [typeof(WebSocketTransport.FrameHead)] = [[0x82, 0], [0x82, 125], [2, 5], [0x80, 1], [0x81, 126, 1, 0], [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], [0x88, 2], [0x89, 0], [0x8a, 125]],
        [typeof(Tls13Record)] = [Tls13Record.Write(ContentType.ApplicationData, new byte[100]), Tls13Record.Write(ContentType.ChangeCipherSpec, [1]), Tls13Record.Write(ContentType.Alert, [2, 40])],
        [typeof(Packet)] = [Packet.Write(new byte[4], padded: false), Packet.Write(new byte[84], padded: false), [19, 0, 0, 0, .. new byte[19]]],
        [typeof(FakeTlsTransport.Record)] = [FakeTlsTransport.Record.Write(23, new byte[100]), FakeTlsTransport.Record.Write(20, [1]), FakeTlsTransport.Record.Write(23, [])],
        [typeof(ServerHello)] =
        [
            [22, 3, 3, 0, 90, .. new byte[90], 20, 3, 3, 0, 1, 1, 23, 3, 3, 1, 0, .. new byte[256]],
            [22, 3, 3, 0, 38, .. new byte[38], 20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 1, 0],
        ],
        [typeof(CanaryRequest)] =
        [
            CanaryRequest.Write(Nonce, CanaryRequest.TagOf(Ticket.Key, Nonce), HostPort.Parse("files.example.net:80")),
            CanaryRequest.Write(Nonce, CanaryRequest.TagOf(Ticket.Key, Nonce), HostPort.Parse("[2a00:1450::1]:8080")),
            [.. "GET / HTTP/1.1\r\nHost: example.net\r\n\r\n"u8],
        ],
        [typeof(CanaryReply)] =
        [
            CanaryReply.Write(CanaryReply.AddressBytes(IPAddress.Loopback), CanaryReply.MacOf(Ticket, Nonce, CanaryReply.AddressBytes(IPAddress.Loopback))),
            CanaryReply.Refusal,
        ],
    };

    [Fact]
    public void Every_message_has_examples_here()
    {
        var messages = typeof(Wire).Assembly.GetTypes().Where(type => type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IWireMessage<>)));
        Assert.Equal(messages.Select(type => type.FullName).Order(), Examples.Keys.Select(type => type.FullName).Order());
    }

    [Fact]
    public void Every_prefix_of_a_message_is_partial_and_what_follows_it_is_left_alone()
    {
        foreach (var (type, examples) in Examples)
        {
            foreach (var example in examples)
            {
                for (var length = 1; length < example.Length; length++) Assert.Equal((false, 0, null), Parse(type, example[..length]));
                Assert.Equal((true, example.Length, null), Parse(type, example));
                Assert.Equal((true, example.Length, null), Parse(type, [.. example, .. "tail"u8]));
            }
        }
    }

    [Fact]
    public void No_message_is_longer_than_it_says()
    {
        foreach (var (type, examples) in Examples)
        {
            var longest = (int)type.GetProperty("MaxLength", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
            Assert.All(examples, example => Assert.InRange(example.Length, 1, longest));
        }
    }

    [Fact]
    public void Mutated_messages_never_throw_and_never_take_more_than_there_is()
    {
        var random = new Random(1928);
        foreach (var (type, examples) in Examples)
        {
            var (parse, worst) = (Parser(type), TimeSpan.Zero);
            for (var i = 0; i < Needs.Depth(20_000, 10_000_000); i++)
            {
                var input = Mutate(examples[random.Next(examples.Length)], random);
                var started = Stopwatch.GetTimestamp();
                var (whole, length, _) = parse(input);
                // Slow once may be the machine; slow again and again is the input.
                if (Stopwatch.GetElapsedTime(started) > worst && Least(parse, input) is var time && time > worst) worst = time;
                Assert.True(whole ? length > 0 && length <= input.Length : length == 0);
            }

            output.WriteLine($"{type.Name}: worst {worst.TotalMicroseconds:F0} µs");
        }
    }

    private static TimeSpan Least(Func<byte[], (bool, int, Failure?)> parse, byte[] input) => Enumerable.Range(0, 5).Min(_ =>
    {
        var started = Stopwatch.GetTimestamp();
        parse(input);
        return Stopwatch.GetElapsedTime(started);
    });

    private static byte[] Mutate(byte[] example, Random random)
    {
        var bytes = new List<byte>(example);
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count: bytes[at] = (byte)random.Next(256); break;
                case 1 when at < bytes.Count: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                case 3: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.InsertRange(at, bytes[..Math.Min(bytes.Count, random.Next(64))]); break;
            }
        }

        return [.. bytes];
    }

    private static (bool Whole, int Length, Failure? Refusal) Parse(Type type, byte[] bytes) => Parser(type)(bytes);

    private static Func<byte[], (bool Whole, int Length, Failure? Refusal)> Parser(Type type) =>
        typeof(WireMessageTests).GetMethod(nameof(ParseAs), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type)
            .CreateDelegate<Func<byte[], (bool, int, Failure?)>>();

    private static (bool Whole, int Length, Failure? Refusal) ParseAs<T>(byte[] bytes)
        where T : class, IWireMessage<T>
    {
        var parsed = T.Parse(bytes);
        return (parsed.Message is not null, parsed.Length, parsed.Refusal);
    }
}
