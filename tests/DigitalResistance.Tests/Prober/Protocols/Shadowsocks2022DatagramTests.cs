using System.Security.Cryptography;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Shadowsocks;
using DigitalResistance.Prober.Protocols.Shadowsocks2022;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>Datagrams of the 2022 edition, with a server that carries streams well, and datagrams as a test says.</summary>
public sealed class Shadowsocks2022DatagramTests
{
    [Theory]
    [InlineData("2022-blake3-aes-128-gcm")]
    [InlineData("2022-blake3-aes-256-gcm")]
    [InlineData("2022-blake3-chacha20-poly1305")]
    public async Task A_server_that_carries_both_is_ok_with_every_cipher(string method)
    {
        var (report, asked) = await ProbeAsync((server, question, payload, _) => [server.Packet(server.SessionOf(question), payload)], method);
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Datagrams, 1), (report.Outcome, report.Level, report.Stage, asked));
    }

    [Theory]
    [InlineData("2022-blake3-aes-128-gcm")]
    [InlineData("2022-blake3-chacha20-poly1305")]
    public async Task What_is_no_answer_to_our_session_is_passed_over(string method)
    {
        var (report, _) = await ProbeAsync((server, question, payload, _) =>
        {
            var answer = server.Packet(server.SessionOf(question), payload);
            return
            [
                [], [0], new byte[16], new byte[24], new byte[1400], question, answer[..^1], [.. answer, 0],
                server.Packet(server.SessionOf(question), [3, 255, 1]), server.Packet(server.SessionOf(question), []), answer,
            ];
        }, method);
        Assert.Equal(Outcome.Ok, report.Outcome);
    }

    [Fact]
    public async Task A_lost_packet_is_sent_again_in_the_same_session_under_the_next_number()
    {
        var questions = new List<byte[]>();
        var (report, asked) = await ProbeAsync((server, question, payload, number) =>
        {
            questions.Add(question);
            return number == 0 ? [] : [server.Packet(server.SessionOf(question), payload)];
        });
        Assert.Equal((Outcome.Ok, 2), (report.Outcome, asked));
        Assert.NotEqual(Convert.ToHexString(questions[0].AsSpan(0, 16)), Convert.ToHexString(questions[1].AsSpan(0, 16)));
    }

    [Fact]
    public async Task Another_session_and_another_time_are_datagrams_lost_and_never_a_lie()
    {
        var ends = await Task.WhenAll(
            ProbeAsync((server, _, payload, _) => [server.Packet(new byte[8], payload)]), // the right answer, but to somebody else
            ProbeAsync((server, question, payload, _) => [server.Packet(server.SessionOf(question), payload, late: TimeSpan.FromSeconds(40))]),
            ProbeAsync((server, question, payload, _) => [server.Packet(server.SessionOf(question), payload, late: TimeSpan.FromSeconds(-40))]),
            ProbeAsync((_, _, _, _) => []));
        Assert.All(ends, end => Assert.Equal((Outcome.Fail, Level.L1, Stage.Datagrams, Failure.DatagramsLost, false, 3), (end.Report.Outcome, end.Report.Level, end.Report.Stage, end.Report.Failure, end.Report.IsLie, end.Asked)));
    }

    /// <summary>SIP022 §3.2.1 once more, by the platform's own ciphers.</summary>
    [Fact]
    public void A_packet_with_AES_is_a_block_and_a_body_under_a_key_of_the_session()
    {
        var (psk, session, text) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(8), RandomNumberGenerator.GetBytes(100));
        using var cipher = new PacketCipher(ShadowsocksMethod.Edition2022[1], psk);
        var packet = cipher.Seal(session, 5, text);
        using var aes = Aes.Create();
        aes.SetKey(psk);
        var head = aes.DecryptEcb(packet.AsSpan(0, 16), PaddingMode.None);
        Assert.Equal([.. session, 0, 0, 0, 0, 0, 0, 0, 5], head);
        using var body = new AesGcm(Psk.Derive("shadowsocks 2022 session subkey"u8.ToArray(), [.. psk, .. session], 32), 16);
        var opened = new byte[text.Length];
        body.Decrypt(head.AsSpan(4, 12), packet.AsSpan(16, text.Length), packet.AsSpan(16 + text.Length), opened);
        Assert.Equal(text, opened);
        Assert.Equal(text, cipher.Open(packet));
    }

    /// <summary>The text of draft-irtf-cfrg-xchacha §A.3.1; its tag covers additional data, of which there is none here.</summary>
    [Fact]
    public void A_packet_with_ChaCha20_is_sealed_under_a_long_nonce()
    {
        var (key, nonce) = (Enumerable.Range(0x80, 32).Select(i => (byte)i).ToArray(), Enumerable.Range(0x40, 24).Select(i => (byte)i).ToArray());
        var text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."u8.ToArray();
        var sealedText = ManagedAead.Seal(new Org.BouncyCastle.Crypto.Modes.XChaCha20Poly1305(), key, nonce, text);
        Assert.StartsWith("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e", Convert.ToHexStringLower(sealedText), StringComparison.Ordinal);

        using var cipher = new PacketCipher(ShadowsocksMethod.Edition2022[2], key);
        var packet = cipher.Seal(new byte[8], 1, text);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, .. text], ManagedAead.Open(new Org.BouncyCastle.Crypto.Modes.XChaCha20Poly1305(), key, packet.AsSpan(0, 24), packet.AsSpan(24)));
        Assert.Equal(text, cipher.Open(packet));
        Assert.Null(cipher.Open(packet.AsSpan(0, packet.Length - 1)));
    }

    [Fact]
    public void Whatever_comes_is_cut_without_an_exception_and_within_its_length()
    {
        var (random, now) = (new Random(2022), DateTimeOffset.UnixEpoch);
        for (var i = 0; i < 100_000; i++)
        {
            var text = new byte[random.Next(60)];
            random.NextBytes(text);
            if (text.Length > 20 && i % 4 != 0) ((byte[])[1, 0, 0, 0, 0, 0, 0, 0, 9, 5, 5, 5, 5, 5, 5, 5, 5, 0, (byte)random.Next(40)]).AsSpan(0, Math.Min(19, text.Length)).CopyTo(text);
            Assert.InRange(Shadowsocks2022Datagrams.Payload(text, [5, 5, 5, 5, 5, 5, 5, 5], now), -1, text.Length);
        }
    }

    private static async Task<(ProbeReport Report, int Asked)> ProbeAsync(Func<Shadowsocks2022Server, byte[], byte[], int, IEnumerable<byte[]>> answer, string method = "2022-blake3-aes-128-gcm")
    {
        await using var proving = new Proving();
        var (psk, canary) = (RandomNumberGenerator.GetBytes(method.Contains("128", StringComparison.Ordinal) ? 16 : 32), proving.CanaryPort);
        var honest = new Shadowsocks2022Server(method, psk);
        await using var server = new ScriptedServer(honest.ServeAsync);
        await using var front = new DatagramFront(server.Port, async (question, number) => answer(honest, question, (await honest.AskAsync(question, canary))!, number));
        var report = await proving.ProbeAsync("shadowsocks-2022", server.Address, Proving.Settings(("method", method), ("psk", Convert.ToBase64String(psk)), ("udp", "yes")));
        return (report, front.Asked);
    }
}
