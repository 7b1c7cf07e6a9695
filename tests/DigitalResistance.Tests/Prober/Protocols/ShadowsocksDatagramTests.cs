using System.Security.Cryptography;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Shadowsocks;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>Datagrams of Shadowsocks with AEAD ciphers, with a server that carries streams well, and datagrams as a test says.</summary>
public sealed class ShadowsocksDatagramTests
{
    private static readonly ShadowsocksMethod Method = ShadowsocksMethod.Aead[2];
    private static readonly byte[] Key = ShadowsocksKeys.OfPassword("secret", Method.KeyLength);

    [Theory]
    [InlineData("chacha20-ietf-poly1305")]
    [InlineData("aes-256-gcm")]
    [InlineData("aes-128-gcm")]
    public async Task A_server_that_carries_both_is_ok_with_every_cipher(string method) =>
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Datagrams, 1), Summary(await ProbeAsync((answer, _) => [answer], method: method)));

    [Fact]
    public async Task One_that_is_not_said_to_carry_them_is_not_asked() =>
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Proof, 0), Summary(await ProbeAsync((answer, _) => [answer], udp: "no")));

    [Fact]
    public async Task A_lost_datagram_is_sent_again_under_another_salt() =>
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Datagrams, 2), Summary(await ProbeAsync((answer, number) => number == 0 ? [] : [answer])));

    [Fact]
    public async Task Noise_before_the_answer_is_passed_over() => Assert.Equal(Outcome.Ok, (await ProbeAsync((answer, _) =>
    [
        [], [0], new byte[32], new byte[1400], answer[..^1], [.. answer, 0], Sealed([]), Sealed([9, 0, 0]), Sealed([3, 255, 1]), Sealed([1, 127, 0, 0, 1, 0, 9, .. new byte[48]]), answer,
    ])).Report.Outcome);

    [Fact]
    public async Task Silence_and_the_echo_of_our_own_are_datagrams_lost_and_never_a_lie()
    {
        foreach (var (report, asked) in await Task.WhenAll(ProbeAsync((_, _) => []), ProbeAsync((_, _) => [], echo: true)))
        {
            Assert.Equal((Outcome.Fail, Level.L1, Stage.Datagrams, 3), Summary((report, asked)));
            Assert.Equal((Failure.DatagramsLost, false, null), (report.Failure, report.IsLie, report.Egress));
        }
    }

    [Fact]
    public void Whatever_comes_is_cut_without_an_exception_and_within_its_length()
    {
        var random = new Random(1928);
        for (var i = 0; i < 50_000; i++)
        {
            var text = new byte[random.Next(30)];
            random.NextBytes(text);
            if (text.Length > 0 && i % 2 == 0) text[0] = (byte)random.Next(5);
            Assert.InRange(ShadowsocksDatagrams.Payload(text), -1, text.Length);
            if (i % 50 == 0) Assert.Null(ShadowsocksDatagrams.Read(text, Method, Key));
        }
    }

    [Fact]
    public void No_two_datagrams_have_a_salt_in_common()
    {
        var text = RandomNumberGenerator.GetBytes(100);
        var (one, two) = (ShadowsocksDatagrams.Write(text, Method, Key), ShadowsocksDatagrams.Write(text, Method, Key));
        Assert.NotEqual(Convert.ToHexString(one.AsSpan(0, 16)), Convert.ToHexString(two.AsSpan(0, 16)));
        Assert.Equal(text, ShadowsocksDatagrams.Read(one, Method, Key));
    }

    private static byte[] Sealed(byte[] text) => ShadowsocksDatagrams.Write(text, Method, Key);

    private static (Outcome, Level, Stage, int) Summary((ProbeReport Report, int Asked) end) => (end.Report.Outcome, end.Report.Level, end.Report.Stage, end.Asked);

    private static async Task<(ProbeReport Report, int Asked)> ProbeAsync(Func<byte[], int, IEnumerable<byte[]>> answer, string method = "aes-128-gcm", string udp = "yes", bool echo = false)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer((stream, stop) => ShadowsocksServer.ServeAsync(stream, method, "secret", stop));
        var (cipher, canary) = (ShadowsocksMethod.Aead.Single(m => m.Name == method), proving.CanaryPort);
        var key = ShadowsocksKeys.OfPassword("secret", cipher.KeyLength);
        await using var front = new DatagramFront(server.Port, async (datagram, number) =>
        {
            var text = ShadowsocksDatagrams.Read(datagram, cipher, key)!;
            Assert.Equal([1, 127, 0, 0, 1, (byte)(canary >> 8), (byte)canary], text[..7]);
            byte[] reply = [.. text[..7], .. await DatagramFront.AskAsync(canary, text.AsMemory(7))];
            return echo ? [datagram] : answer(ShadowsocksDatagrams.Write(reply, cipher, key), number);
        });
        var report = await proving.ProbeAsync("shadowsocks", server.Address, Proving.Settings(("method", method), ("password", "secret"), ("udp", udp)));
        return (report, front.Asked);
    }
}
