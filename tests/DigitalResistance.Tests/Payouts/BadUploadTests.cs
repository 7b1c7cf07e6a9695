using DigitalResistance.Payouts;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Tests.Site;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Tests.Payouts;

/// <summary>Files that treasurers bring by mistake, at the page of round 2: each is told what it is, and changes nothing.</summary>
public sealed class BadUploadTests(PopulatedApp app) : IClassFixture<PopulatedApp>
{
    [Theory]
    [InlineData("nothing", "There is nothing in it.", "В нём ничего нет.")]
    [InlineData("picture", "This is neither a PSBT nor a transaction.", "Это не PSBT и не транзакция.")]
    [InlineData("truncated", "The PSBT is cut or broken.", "PSBT обрезан или повреждён.")]
    [InlineData("large", "It is larger than 4 MiB.", "Он больше 4 МиБ.")]
    [InlineData("version 2", "without converting it, or choose “PSBT version 0” or “BIP-174”", "не преобразуя его, или выберите «PSBT версии 0» либо «BIP-174»")]
    [InlineData("unsigned", "There is no signature in it: it came back as it was given.", "В нём нет подписи: он вернулся таким, каким был выдан.")]
    [InlineData("other round", "This is for another transaction: Round 3, transaction 1.", "Это для другой транзакции: Раунд 3, транзакция 1.")]
    [InlineData("altered", "it was altered, or is from elsewhere", "её изменили, или она чужая")]
    [InlineData("other sighash", "8dfc9b34: it does not fix all inputs and outputs (sighash other than ALL)", "8dfc9b34: она не закрепляет все входы и выходы (sighash не ALL)")]
    public async Task A_bad_file_is_told_in_the_readers_language_and_changes_nothing(string kind, string english, string russian)
    {
        var before = await SignaturesAsync(2);
        foreach (var (language, words) in new[] { ("en", english), ("ru", russian) })
        {
            var page = await OpenAsync(language, 2);
            var answer = await SendAsync(page, await FileAsync(kind));
            Assert.Equal(422, answer.Status);
            Assert.Contains(words, answer.Text, StringComparison.Ordinal);
            Assert.Contains("aria-invalid=\"true\"", answer.Html, StringComparison.Ordinal);
            // The same form takes the right file afterwards.
            Assert.Contains("name=\"Upload\"", answer.Html, StringComparison.Ordinal);
        }

        Assert.Equal(before, await SignaturesAsync(2));
        Assert.Equal(BatchState.Exported, (await app.BatchAsync(2)).State);
    }

    [Theory]
    [InlineData("en", "This is too large")]
    [InlineData("ru", "Слишком большой объём")]
    public async Task A_file_that_no_form_may_carry_is_refused_before_it_is_read(string language, string title)
    {
        var answer = await SendAsync(await OpenAsync(language, 2), new byte[7 * 1024 * 1024]);
        Assert.Equal(413, answer.Status);
        Assert.Contains(title, answer.Text, StringComparison.Ordinal);
        Assert.Equal(BatchState.Exported, (await app.BatchAsync(2)).State);
    }

    [Fact]
    public async Task An_upload_sent_twice_at_once_is_one_upload_with_one_answer()
    {
        var batch = await app.BatchAsync(3);
        var (page, signed) = (await OpenAsync("en", 3), PayoutWorld.Sign(await PsbtAsync(3), 2));
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => SendAsync(page, signed))));
        Assert.All(answers, a => Assert.Equal((302, $"/en/treasury/batches/{batch.Id}"), (a.Status, a.Location)));
        Assert.Equal(1, await app.AskAsync(db => db.Set<SignatureUpload>().CountAsync(u => u.Bytes == signed)));
        Assert.Equal(["56c4fac3"], await SignaturesAsync(3));
        Assert.Contains("Verified signatures of 56c4fac3.", (await app.Treasurer.Browser.OpenAsync(answers[0].Location!)).Text, StringComparison.Ordinal);

        // The same file in another form is no mistake either, and nothing new.
        var again = await SendAsync(await OpenAsync("ru", 3), signed);
        Assert.Equal(302, again.Status);
        Assert.Contains("Эти подписи уже есть.", (await app.Treasurer.Browser.OpenAsync(again.Location!)).Text, StringComparison.Ordinal);
        Assert.Equal(["56c4fac3"], await SignaturesAsync(3));
        Assert.Equal(BatchState.PartlySigned, (await app.BatchAsync(3)).State);
    }

    private async Task<byte[]> FileAsync(string kind)
    {
        var psbt = await PsbtAsync(2);
        var signed = PayoutWorld.Sign(psbt, 0);
        return kind switch
        {
            "nothing" => [],
            "picture" => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
            "truncated" => signed[..^20],
            "large" => [.. psbt[..5], .. new byte[4 * 1024 * 1024]],
            // BIP-370, its first valid vector.
            "version 2" => Convert.FromBase64String("cHNidP8BAgQCAAAAAQQBAQEFAQIB+wQCAAAAAAEOIAsK2SFBnByHGXNdctxzn56p4GONH+TB7vD5lECEgV/IAQ8EAAAAAAABAwgACK8vAAAAAAEEFgAUxDD2TEdW2jENvRoIVXLvKZkmJywAAQMIi73rCwAAAAABBBYAFE3Rk6yWSlasG54cyoRU/i9HT4UTAA=="),
            "unsigned" => psbt,
            "other round" => PayoutWorld.Sign(await PsbtAsync(3), 0),
            "altered" => Altered(psbt),
            _ => Signed(psbt, SigHash.None),
        };
    }

    private static byte[] Signed(byte[] psbt, SigHash sigHash)
    {
        var signed = PSBT.Load(psbt, Network.RegTest);
        PayoutWorld.Signers[1].Sign(signed, sigHash);
        return signed.ToBytes();
    }

    // One satoshi less for the last output, and well signed.
    private static byte[] Altered(byte[] psbt)
    {
        var ours = PSBT.Load(psbt, Network.RegTest);
        var transaction = ours.GetGlobalTransaction();
        transaction.Outputs[^1].Value -= Money.Satoshis(1L);
        var altered = PSBT.FromTransaction(transaction, Network.RegTest);
        foreach (var (input, own) in altered.Inputs.Zip(ours.Inputs))
        {
            (input.WitnessUtxo, input.NonWitnessUtxo, input.WitnessScript) = (own.WitnessUtxo, own.NonWitnessUtxo, own.WitnessScript);
            foreach (var (key, path) in own.HDKeyPaths) input.AddKeyPath(key, path);
        }

        return PayoutWorld.Sign(altered.ToBytes(), 0, 1);
    }

    private async Task<byte[]> PsbtAsync(int round)
    {
        var batch = await app.BatchAsync(round);
        return await app.AskAsync(db => db.Set<BatchTransaction>().Where(t => t.BatchId == batch.Id).Select(t => t.Psbt).SingleAsync());
    }

    /// <summary>Who has signed the batch of a round.</summary>
    private async Task<List<string>> SignaturesAsync(int round)
    {
        var batch = await app.BatchAsync(round);
        return await app.AskAsync(db => (
            from signature in db.Set<BatchSignature>()
            join version in db.Set<BatchTransaction>() on signature.TransactionId equals version.Id
            where version.BatchId == batch.Id && signature.InputIndex == 0
            select signature.Fingerprint).ToListAsync());
    }

    private async Task<Page> OpenAsync(string language, int round) => await app.Treasurer.Browser.OpenAsync($"/{language}/treasury/batches/{(await app.BatchAsync(round)).Id}");

    private async Task<Page> SendAsync(Page page, byte[] file)
    {
        var form = page.Forms.Single(f => f.Html.Contains("name=\"Upload\"", StringComparison.Ordinal));
        using var body = new MultipartFormDataContent();
        foreach (var (name, value) in form.Fields.Where(f => f.Name != "Upload")) body.Add(new StringContent(value), name);
        body.Add(new ByteArrayContent(file), "Upload", "signed.psbt");
        return await Page.ReadAsync(page.Path, await app.Treasurer.Browser.Http.PostAsync(form.Action ?? page.Path, body));
    }
}
