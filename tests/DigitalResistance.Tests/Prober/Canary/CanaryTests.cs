using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Testing;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Tests.Prober.Canary;

public sealed class CanaryTests
{
    private static readonly HostPort Address = HostPort.Parse("files.example.net:80");
    private static readonly IPAddress Egress = IPAddress.Parse("198.51.100.7");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2024, 10, 4, 12, 0, 0, TimeSpan.Zero)); // epoch 20,000
    private readonly CanaryKeyRing _keys;
    private readonly CanaryResponder _canary;

    public CanaryTests()
    {
        _keys = new CanaryKeyRing(Proving.Master, ["local", "v-2", "v-3"], _time);
        _canary = new CanaryResponder(_keys);
    }

    [Theory]
    [InlineData("198.51.100.7")]
    [InlineData("2001:db8::7")]
    public void The_answer_is_believed_and_tells_the_egress_address(string egress)
    {
        var exchange = CanaryExchange.Begin(_keys.Issue("v-2"), Address);
        Assert.True(exchange.Verify(Ask(exchange.Request, IPAddress.Parse(egress)), out var seen));
        Assert.Equal(IPAddress.Parse(egress), seen);
    }

    [Fact]
    public void An_answer_serves_its_own_nonce_vantage_and_epoch_only()
    {
        var ticket = _keys.Issue("local");
        var (first, second) = (CanaryExchange.Begin(ticket, Address), CanaryExchange.Begin(ticket, Address));
        var answer = Ask(first.Request, Egress);
        Assert.True(first.Verify(answer, out _));
        Assert.False(second.Verify(answer, out _));

        // The same nonce under another vantage's or another day's key.
        var token = Token(first.Request);
        foreach (var other in new[] { _keys.Issue("v-2"), new CanaryTicket("local", ticket.Epoch + 1, CanaryKey.Derive(Proving.Master, "local", ticket.Epoch + 1)) })
        {
            var mac = CanaryReply.MacOf(other, token.AsSpan(0, 24), CanaryReply.AddressBytes(Egress));
            Assert.False(first.Verify(answer with { Mac = mac }, out _));
        }

        Assert.False(first.Verify(answer with { HiddenAddress = CanaryReply.Hide(ticket.Key, token.AsSpan(0, 24), CanaryReply.AddressBytes(IPAddress.Parse("198.51.100.8"))) }, out _));
    }

    [Fact]
    public void Every_single_bit_of_an_answer_counts()
    {
        var exchange = CanaryExchange.Begin(_keys.Issue("local"), Address);
        var answer = Ask(exchange.Request, Egress);
        for (var bit = 0; bit < 48 * 8; bit++)
        {
            var bytes = (byte[])[.. answer.HiddenAddress, .. answer.Mac];
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(exchange.Verify(new CanaryReply(bytes[..16], bytes[16..], IsRefusal: false), out _));
        }
    }

    [Fact]
    public void Whoever_has_no_key_gets_the_same_404_as_everybody_and_never_more_than_was_sent()
    {
        var stranger = new CanaryKeyRing(new byte[32], ["local"], _time);
        string[] headers = ["\r\nHost: files.example.net\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nConnection: close\r\n\r\n"];
        byte[][] questions =
        [
            CanaryExchange.Begin(stranger.Issue("local"), Address).Request,
            Encoding.ASCII.GetBytes("GET / HTTP/1.1" + headers[0]),
            Encoding.ASCII.GetBytes("GET /" + new string('A', 43) + " HTTP/1.1" + headers[0]),
            Encoding.ASCII.GetBytes("GET /" + new string('!', 43) + " HTTP/1.1" + headers[0]),
            Encoding.ASCII.GetBytes("GET /" + new string('A', 44) + " HTTP/1.1" + headers[0]),
        ];
        foreach (var question in questions)
        {
            var answer = _canary.Answer(question, Egress);
            Assert.True(answer.IsComplete);
            Assert.Equal(CanaryReply.Refusal, answer.Bytes.ToArray());
        }

        Assert.Equal(CanaryReply.Length, CanaryReply.Refusal.Length);
        Assert.Equal((true, 0), Lengths(_canary.Answer("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8, Egress)));
        Assert.Equal((true, 0), Lengths(_canary.Answer("POST / HTTP/1.1\r\n\r\n"u8, Egress)));
        Assert.Equal((true, 0), Lengths(_canary.Answer([.. "GET /"u8, .. new byte[2000]], Egress)));
        Assert.Equal((false, 0), Lengths(_canary.Answer("GET /abc"u8, Egress)));
    }

    [Fact]
    public void Questions_look_like_nothing_and_like_each_other_in_nothing()
    {
        var requests = Enumerable.Range(0, 200).Select(i => CanaryExchange.Begin(_keys.Issue(i % 2 == 0 ? "local" : "v-2"), Address).Request).ToArray();
        Assert.All(requests, request => Assert.InRange(request.Length, CanaryReply.Length, 300));
        Assert.All(requests, request => Assert.DoesNotContain("local", Encoding.ASCII.GetString(request), StringComparison.Ordinal));
        var tokens = requests.Select(Token).ToArray();
        for (var position = 0; position < 32; position++) Assert.InRange(tokens.Select(token => token[position]).Distinct().Count(), 80, 200);
    }

    [Fact]
    public void No_byte_of_an_answer_tells_a_watcher_whose_it_is()
    {
        var bodies = Enumerable.Range(0, 200).Select(_ => _canary.Answer(CanaryExchange.Begin(_keys.Issue("local"), Address).Request, Egress).Bytes[^64..].ToArray()).ToArray();
        for (var position = 0; position < 64; position++) Assert.InRange(bodies.Select(body => body[position]).Distinct().Count(), 30, 64);
    }

    [Fact]
    public void A_key_lives_for_its_day_and_ten_minutes_around_midnight()
    {
        var exchange = CanaryExchange.Begin(_keys.Issue("local"), Address);
        _time.SetUtcNow(new DateTimeOffset(2024, 10, 5, 0, 9, 0, TimeSpan.Zero));
        Assert.True(exchange.Verify(Ask(exchange.Request, Egress), out _));
        _time.SetUtcNow(new DateTimeOffset(2024, 10, 5, 0, 11, 0, TimeSpan.Zero));
        Assert.True(Ask(exchange.Request, Egress).IsRefusal);

        var ahead = CanaryExchange.Begin(new CanaryTicket("local", 20_002, CanaryKey.Derive(Proving.Master, "local", 20_002)), Address);
        Assert.True(Ask(ahead.Request, Egress).IsRefusal);
        _time.SetUtcNow(new DateTimeOffset(2024, 10, 5, 23, 51, 0, TimeSpan.Zero));
        Assert.True(ahead.Verify(Ask(ahead.Request, Egress), out _));
    }

    [Fact]
    public void A_vantage_is_served_from_when_it_is_admitted_until_it_is_not()
    {
        var exchange = CanaryExchange.Begin(new CanaryKeyRing(Proving.Master, ["new"], _time).Issue("new"), Address);
        Assert.True(Ask(exchange.Request, Egress).IsRefusal);
        _keys.Admit(["local", "new"]);
        Assert.True(exchange.Verify(Ask(exchange.Request, Egress), out _));
        _keys.Admit(["local"]);
        Assert.True(Ask(exchange.Request, Egress).IsRefusal);
    }

    [Fact]
    public void The_published_example_is_what_the_code_computes()
    {
        var page = File.ReadAllText(Needs.Beside("docs/specs/canary.md"));
        var ticket = new CanaryTicket("local", 20_000, CanaryKey.Derive(Proving.Master, "local", 20_000));
        byte[] nonce = [.. Enumerable.Range(0x40, 24).Select(i => (byte)i)];
        var address = CanaryReply.AddressBytes(Egress);
        Assert.Contains($"master  {Convert.ToHexStringLower(Proving.Master)}\n", page, StringComparison.Ordinal);
        Assert.Contains($"key     {Convert.ToHexStringLower(ticket.Key.Bytes)}\n", page, StringComparison.Ordinal);
        Assert.Contains($"nonce   {Convert.ToHexStringLower(nonce)}\n", page, StringComparison.Ordinal);
        Assert.Contains($"token   {Base64Url.EncodeToString([.. nonce, .. CanaryRequest.TagOf(ticket.Key, nonce)])}\n", page, StringComparison.Ordinal);
        Assert.Contains($"body    {Base64Url.EncodeToString([.. CanaryReply.Hide(ticket.Key, nonce, address), .. CanaryReply.MacOf(ticket, nonce, address)])}\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_do_not_print_themselves() =>
        Assert.DoesNotContain(Convert.ToHexString(_keys.Issue("local").Key.Bytes)[..8], _keys.Issue("local").ToString(), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task A_listener_serves_one_exchange_per_connection_and_lets_nobody_stay()
    {
        await using var listener = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), _keys, TimeProvider.System, new ListenerLimits(Connections: 8) { Patience = TimeSpan.FromSeconds(2) });
        listener.Start();
        var exchange = CanaryExchange.Begin(_keys.Issue("local"), Address);
        using (var client = await ConnectAsync(listener))
        {
            await client.GetStream().WriteAsync((byte[])[.. exchange.Request, .. exchange.Request]);
            var answer = await ReadToEndAsync(client);
            Assert.Equal(CanaryReply.Length, answer.Length);
            Assert.True(exchange.Verify(CanaryReply.Parse(answer).Message!, out var egress) && egress!.Equals(IPAddress.Loopback));
        }

        // Eight who say nothing fill the house; the ninth is let go at once, and after a while there is room again.
        var silent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ConnectAsync(listener)));
        using (var ninth = await ConnectAsync(listener)) Assert.Empty(await ReadToEndAsync(ninth));
        Assert.All(silent, client => Assert.False(client.Client.Poll(0, SelectMode.SelectRead), "The ninth was kept waiting as long as the others."));
        foreach (var client in silent)
        {
            Assert.Empty(await ReadToEndAsync(client));
            client.Dispose();
        }

        using var next = await ConnectAsync(listener);
        var again = CanaryExchange.Begin(_keys.Issue("local"), Address);
        await next.GetStream().WriteAsync(again.Request);
        Assert.True(again.Verify(CanaryReply.Parse(await ReadToEndAsync(next)).Message!, out _));
    }

    [Fact]
    public async Task Stopping_ends_every_exchange_and_frees_the_port()
    {
        var listener = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), _keys, TimeProvider.System);
        listener.Start();
        var endPoint = listener.LocalEndPoint;
        using var client = await ConnectAsync(listener);
        await Task.Delay(20);
        await listener.StopAsync().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Empty(await ReadToEndAsync(client));
        await listener.DisposeAsync();
        await using var successor = new CanaryListener(endPoint, _keys, TimeProvider.System);
        successor.Start();
    }

    private static (bool, int) Lengths(CanaryAnswer answer) => (answer.IsComplete, answer.Bytes.Length);

    private static byte[] Token(byte[] request) => Base64Url.DecodeFromUtf8(request.AsSpan(5, 43));

    private static async Task<TcpClient> ConnectAsync(CanaryListener listener)
    {
        var client = new TcpClient();
        await client.ConnectAsync(listener.LocalEndPoint);
        return client;
    }

    private static async Task<byte[]> ReadToEndAsync(TcpClient client)
    {
        using var bytes = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(bytes).WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (IOException)
        {
            // Reset: as good an end as any.
        }

        return bytes.ToArray();
    }

    private CanaryReply Ask(byte[] request, IPAddress from)
    {
        var answer = _canary.Answer(request, from);
        Assert.True(answer.IsComplete);
        Assert.Equal(CanaryReply.Length, answer.Bytes.Length);
        return CanaryReply.Parse(answer.Bytes.Span).Message!;
    }
}
