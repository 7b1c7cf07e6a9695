using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Tests.Prober.Protocols.MtProto;

/// <summary>Ciphers and numbers against what others have published.</summary>
public sealed class CryptographyTests
{
    [Fact]
    public void Counter_mode_is_that_of_NIST()
    {
        // SP 800-38A, F.5.5: CTR-AES256.Encrypt.
        using var cipher = new AesCtr(Hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), Hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"));
        var text = Hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        cipher.Apply(text.AsSpan(0, 5));
        cipher.Apply(text.AsSpan(5));
        Assert.Equal("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6", Convert.ToHexStringLower(text));
    }

    [Fact]
    public void A_counter_carries_over_all_its_bytes_and_a_stream_goes_on_past_its_buffer()
    {
        using var whole = new AesCtr(new byte[32], Enumerable.Repeat((byte)0xff, 16).ToArray());
        using var parts = new AesCtr(new byte[32], Enumerable.Repeat((byte)0xff, 16).ToArray());
        var (one, other) = (new byte[5000], new byte[5000]);
        whole.Apply(one);
        for (var at = 0; at < other.Length; at += 7) parts.Apply(other.AsSpan(at, Math.Min(7, other.Length - at)));
        Assert.Equal(one, other);
        using var zero = new AesCtr(new byte[32], new byte[16]);
        var next = new byte[16];
        zero.Apply(next);
        Assert.Equal(next, one[16..32]);
    }

    /// <summary>https://core.telegram.org/mtproto/samples-auth_key: the temporary key, and the answer that it opens.</summary>
    [Fact]
    public void Telegrams_worked_example_comes_out_as_it_says()
    {
        var (nonce, serverNonce) = (Hex("3E0549828CCA27E966B301A48FECE2FC"), Hex("A5CF4D33F4A11EA877BA4AA573907330"));
        var newNonce = Hex("311C85DB234AA2640AFC4A76A735CF5B1F0FD68BD17FA181E1229AD867CC024D");
        var (key, vector) = DhChallenge.TemporaryKey(newNonce, serverNonce);
        Assert.Equal("F011280887C7BB01DF0FC4E17830E0B91FBB8BE4B2267CB985AE25F33B527253", Convert.ToHexString(key));
        Assert.Equal("3212D579EE35452ED23E0D0C92841AA7D31B2E9BDEF2151E80D15860311C85DB", Convert.ToHexString(vector));

        var encrypted = Hex(EncryptedAnswer);
        var opened = AesIge.Decrypt(encrypted, key, vector);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_373_993_675), DhChallenge.InnerData(opened, nonce, serverNonce));
        Assert.Equal(encrypted, AesIge.Encrypt(opened, key, vector));
        for (var at = 0; at < opened.Length - 15; at++)
        {
            opened[at] ^= 1;
            Assert.Null(DhChallenge.InnerData(opened, nonce, serverNonce));
            opened[at] ^= 1;
        }
    }

    [Fact]
    public void What_is_encrypted_to_Telegrams_key_is_what_another_client_makes_of_it()
    {
        // The vector of gotd/td (crypto/rsa_pad_test.go): the letter a 144 times, everything random zero, and the key of the official apps. Its result, hashed.
        var key = DigitalResistance.Probing.TelegramCentres.Of("public").All[0].Keys[0];
        var padded = new byte[192];
        padded.AsSpan(0, 144).Fill((byte)'a');
        Assert.Equal("e7f8903bc62da5a0fd544abd09f2ea52a8af7034d30ae3151c1329a451671321", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(key.Encrypt(padded, new byte[32])!)));
    }

    /// <summary>https://core.telegram.org/mtproto/samples-auth_key, as it stands since 2024: the answer to the first question.</summary>
    [Fact]
    public void Telegrams_first_answer_reads_as_its_documentation_says()
    {
        var answer = ResPq.Parse(PlainMessage.Body(Hex(
            "000000000000000001D83175503DC56550000000" + "63241605" + "406709F612FADFBEC3F0289D0AA67EEF" + "E11DBC3BC97D91A26154F932AF019943" + "08256595EDB7766797000000"
            + "15C4B51C03000000" + "A5B7F709355FC30B" + "216BE86C022BB4C3" + "85FD64DE851D9DD0")))!;
        Assert.Equal((2694724800268887959UL, (1513098571UL, 1780931429UL)), (answer.Pq, PqFactors.Find(answer.Pq)!.Value));
        Assert.Equal("E11DBC3BC97D91A26154F932AF019943", Convert.ToHexString(answer.ServerNonce));
        Assert.Contains(DigitalResistance.Probing.TelegramCentres.Of("public").All[0].Keys[0].Fingerprint, answer.Fingerprints);
    }

    [Theory]
    [InlineData(0x17ED48941A08F981UL, 0x494C553BUL, 0x53911073UL)] // Telegram's worked example
    [InlineData(0x31f05bcc5ce66ccdUL, 0x6f7b6a45UL, 0x72ad24e9UL)]
    [InlineData(15, 3, 5)]
    [InlineData(10, 2, 5)]
    [InlineData(9, 3, 3)]
    [InlineData(4611685975477714963UL, 2147483629UL, 2147483647UL)]
    public void A_product_of_two_primes_is_split(ulong pq, ulong p, ulong q) => Assert.Equal((p, q), PqFactors.Find(pq));

    [Fact]
    public void Any_product_of_two_primes_of_31_bits_is_split()
    {
        var random = new Random(203);
        for (var i = 0; i < 100; i++)
        {
            var (p, q) = (Prime(random), Prime(random));
            Assert.Equal((Math.Min(p, q), Math.Max(p, q)), PqFactors.Find(p * q));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(ulong.MaxValue)]
    [InlineData(9223372036854775783UL)] // the largest prime below 2^63
    public void What_is_no_such_product_is_given_up(ulong pq) => Assert.Null(PqFactors.Find(pq));

    [Fact]
    public void Invented_key_shares_are_points_of_the_curve()
    {
        for (var i = 0; i < 8; i++)
        {
            var point = CurvePoint.Random();
            Assert.Equal(32, point.Length);
            Assert.True(CurvePoint.IsOnCurve(point));
        }

        Assert.True(CurvePoint.IsOnCurve([9, .. new byte[31]])); // the base point of RFC 7748 §4.1
        Assert.False(CurvePoint.IsOnCurve([2, .. new byte[31]]));
    }

    [Fact]
    public void Byte_strings_of_every_length_come_back_as_they_were()
    {
        foreach (var length in new[] { 0, 1, 3, 4, 253, 254, 255, 256, 4000 })
        {
            var bytes = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
            var written = Tl.Bytes(bytes);
            Assert.Equal(0, written.Length % 4);
            var reader = new TlReader([.. written, 7]);
            Assert.Equal(bytes, reader.Bytes().ToArray());
            Assert.Equal((1, false), (reader.Left, reader.Failed));
            var cut = new TlReader(written.AsSpan(..^1));
            cut.Bytes();
            Assert.True(cut.Failed);
        }
    }

    [Fact]
    public void Ids_of_messages_are_the_time_in_no_ones_granularity()
    {
        // https://core.telegram.org/mtproto/description#message-identifier-msg-id
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(9_999_999);
        var ids = Enumerable.Range(0, 200).Select(_ => BitConverter.ToInt64(PlainMessage.Write([], now), 8)).ToArray();
        Assert.All(ids, id =>
        {
            Assert.Equal((0, 1_700_000_000), (id % 4, id >> 32));
            Assert.InRange(new decimal(id & 0xffff_ffff) / (1L << 32), 0.9999998m, 1m);
        });
        Assert.True(ids.Distinct().Count() > 20, "The digits below a tick of the clock do not look random.");
    }

    private const string EncryptedAnswer =
        "28A92FE20173B347A8BB324B5FAB2667C9A8BBCE6468D5B509A4CBDDC186240AC912CF7006AF8926DE606A2E74C0493CAA57741E6C82451F54D3E068F5CCC49B4444124B9666FFB405AAB564A3D01E67F6E912867C8D20D9882707DC330B17B4"
        + "E0DD57CB53BFAAFA9EF5BE76AE6C1B9B6C51E2D6502A47C883095C46C81E3BE25F62427B585488BB3BF239213BF48EB8FE34C9A026CC8413934043974DB03556633038392CECB51F94824E140B98637730A4BE79A8F9DAFA39BAE81E1095849E"
        + "A4C83467C92A3A17D997817C8A7AC61C3FF414DA37B7D66E949C0AEC858F048224210FCC61F11C3A910B431CCBD104CCCC8DC6D29D4A5D133BE639A4C32BBFF153E63ACA3AC52F2E4709B8AE01844B142C1EE89D075D64F69A399FEB04E656FE"
        + "3675A6F8F412078F3D0B58DA15311C1A9F8E53B3CD6BB5572C294904B726D0BE337E2E21977DA26DD6E33270251C2CA29DFCC70227F0755F84CFDA9AC4B8DD5F84F1D1EB36BA45CDDC70444D8C213E4BD8F63B8AB95A2D0B4180DC91283DC063"
        + "ACFB92D6A4E407CDE7C8C69689F77A007441D4A6A8384B666502D9B77FC68B5B43CC607E60A146223E110FCB43BC3C942EF981930CDC4A1D310C0B64D5E55D308D863251AB90502C3E46CC599E886A927CDA963B9EB16CE62603B68529EE98F9"
        + "F5206419E03FB458EC4BD9454AA8F6BA777573CC54B328895B1DF25EAD9FB4CD5198EE022B2B81F388D281D5E5BC580107CA01A50665C32B552715F335FD76264FAD00DDD5AE45B94832AC79CE7C511D194BC42B70EFA850BB15C2012C5215CA"
        + "BFE97CE66B8D8734D0EE759A638AF013";

    private static ulong Prime(Random random)
    {
        for (var candidate = (ulong)random.Next(1 << 30, int.MaxValue) | 1; ; candidate += 2)
        {
            var isPrime = true;
            for (var divisor = 3UL; isPrime && divisor * divisor <= candidate; divisor += 2) isPrime = candidate % divisor != 0;
            if (isPrime) return candidate;
        }
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);
}
