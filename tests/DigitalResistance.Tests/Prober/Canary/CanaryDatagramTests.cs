using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober.Canary;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Tests.Prober.Canary;

/// <summary>The canary's exchange in two datagrams (docs/specs/canary.md).</summary>
public sealed class CanaryDatagramTests
{
    private static readonly IPAddress Egress = IPAddress.Parse("198.51.100.7");

    private readonly CanaryKeyRing _keys = new(Proving.Master, ["local", "v-2"], new FakeTimeProvider(new DateTimeOffset(2024, 10, 4, 12, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData("198.51.100.7")]
    [InlineData("2001:db8::7")]
    public void The_answer_is_believed_and_tells_the_egress_address(string egress)
    {
        var exchange = CanaryDatagram.Begin(_keys.Issue("v-2"));
        Assert.Equal(IPAddress.Parse(egress), exchange.Verify(Ask(exchange.Question, IPAddress.Parse(egress))));
    }

    [Fact]
    public void Every_single_bit_of_an_answer_counts_and_so_do_its_length_and_its_question()
    {
        var exchange = CanaryDatagram.Begin(_keys.Issue("local"));
        var answer = Ask(exchange.Question, Egress);
        for (var bit = 0; bit < 48 * 8; bit++)
        {
            answer[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(exchange.Verify(answer));
            answer[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.NotNull(exchange.Verify(answer));
        for (var length = 0; length < 48; length++) Assert.Null(exchange.Verify(answer.AsSpan(0, length)));
        Assert.Null(exchange.Verify([.. answer, .. new byte[256]]));
        Assert.Null(CanaryDatagram.Begin(_keys.Issue("local")).Verify(answer));
    }

    [Fact]
    public void Only_a_vantage_gets_an_answer_and_never_one_longer_than_its_question()
    {
        for (var i = 0; i < 300; i++)
        {
            var question = CanaryDatagram.Begin(_keys.Issue("local")).Question;
            Assert.InRange(question.Length, 64, 256);
            Assert.InRange(Ask(question, Egress).Length, 48, question.Length);
            for (var bit = 0; bit < 32 * 8; bit += 7)
            {
                var changed = question.ToArray();
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.Empty(Ask(changed, Egress));
            }

            Assert.Empty(Ask(question[..63], Egress));
        }

        Assert.Empty(Ask([], Egress));
        Assert.Empty(Ask(new byte[1500], Egress));
    }

    [Fact]
    public void Neither_a_byte_of_an_answer_nor_its_length_tells_a_watcher_whose_it_is()
    {
        var answers = Enumerable.Range(0, 300).Select(_ => Ask(CanaryDatagram.Begin(_keys.Issue("local")).Question, Egress)).ToArray();
        for (var position = 0; position < 48; position++) Assert.InRange(answers.Select(answer => answer[position]).Distinct().Count(), 100, 256);
        Assert.InRange(answers.Select(answer => answer.Length).Distinct().Count(), 50, 209);
    }

    [Fact]
    public void A_question_for_one_transport_is_none_for_the_other()
    {
        var ticket = _keys.Issue("local");
        var nonce = new byte[CanaryRequest.NonceLength];
        Assert.Empty(Ask([.. nonce, .. CanaryRequest.TagOf(ticket.Key, nonce), .. new byte[64]], Egress));

        var question = CanaryDatagram.Begin(ticket).Question;
        var asStream = CanaryRequest.Write(question.AsSpan(0, 24), question.AsSpan(24, 8), DigitalResistance.Prober.Dialing.HostPort.Parse("files.example.net:80"));
        Assert.Equal(CanaryReply.Refusal, new CanaryResponder(_keys).Answer(asStream, Egress).Bytes.ToArray());
    }

    [Fact]
    public async Task The_port_answers_datagrams_to_whom_they_came_from_and_lets_noise_pass()
    {
        await using var proving = new Proving();
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        client.Connect(IPAddress.Loopback, proving.CanaryPort);
        for (var length = 0; length < 1500; length += 100) await client.SendAsync(new byte[length]);
        await client.SendAsync(new byte[9000]);
        var exchange = CanaryDatagram.Begin(proving.Keys.Issue("local"));
        await client.SendAsync(exchange.Question);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.Equal(IPAddress.Loopback, exchange.Verify((await client.ReceiveAsync(limit.Token)).Buffer));
        Assert.Equal(0, client.Available);
    }

    [Fact]
    public async Task A_port_that_is_taken_for_datagrams_is_noticed_at_start_and_given_back()
    {
        using var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)taken.Client.LocalEndPoint!;
        await using (var canary = new CanaryListener(address, _keys, TimeProvider.System)) Assert.Throws<SocketException>(canary.Start);
        taken.Dispose();
        await using var second = new CanaryListener(address, _keys, TimeProvider.System);
        second.Start();
        Assert.Equal(address, second.LocalEndPoint);
    }

    private byte[] Ask(byte[] question, IPAddress from) => new CanaryResponder(_keys).AnswerDatagram(question, from).ToArray();
}
