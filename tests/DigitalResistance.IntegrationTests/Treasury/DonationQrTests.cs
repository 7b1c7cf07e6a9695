using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Treasury;
using NBitcoin;

namespace DigitalResistance.IntegrationTests.Treasury;

/// <summary>The picture that a donor's phone reads says what stands beside it: a stranger's reader is asked.</summary>
public sealed class DonationQrTests
{
    [Fact]
    public async Task A_reader_of_QR_codes_finds_the_address_of_the_receipt_in_the_picture()
    {
        await using var app = new SandboxApp();
        await app.AdoptAsync();
        using var donor = app.NewVisitor();
        var receipt = await donor.SubmitAsync(await donor.OpenAsync("/en/donate"), "name=\"Token\"");
        var picture = Path.Combine(Directory.CreateTempSubdirectory("dr-qr-").FullName, "qr.png");
        await File.WriteAllBytesAsync(picture, await donor.Http.GetByteArrayAsync(receipt.Path + "/qr"));

        var read = (await PeerProcess.RunAsync(Needs.Program("zbarimg"), ["--raw", "-q", picture])).Trim();
        // BIP-21 and BIP-321 compare the scheme without case, and capitals make a smaller picture.
        Assert.StartsWith("bitcoin:", read, StringComparison.OrdinalIgnoreCase);
        var address = BitcoinAddress.Create(read["bitcoin:".Length..].ToLowerInvariant(), Network.RegTest).ToString();
        Assert.Contains(address, receipt.Text, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(picture)!, recursive: true);
    }
}
