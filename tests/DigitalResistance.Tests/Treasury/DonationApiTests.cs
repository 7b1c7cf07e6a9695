using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Web;
using System.Text.Json;

namespace DigitalResistance.Tests.Treasury;

/// <summary>A program that donates: once per key, and a receipt that only its holder can read.</summary>
public sealed class DonationApiTests
{
    [Fact]
    public async Task A_program_asks_for_an_address_once_pays_and_finds_the_payment_in_its_receipt_and_in_the_ledger()
    {
        await using var app = new SandboxApp();
        using var program = app.NewVisitor();
        Assert.Equal(503, (await AskAsync(program, Guid.NewGuid().ToString("N"))).Status);
        await app.AdoptAsync();
        Assert.Equal(400, (await AskAsync(program, null)).Status);

        var key = Guid.NewGuid().ToString("N");
        var opened = await AskAsync(program, key);
        Assert.Equal(201, opened.Status);
        Assert.Equal("no-store", opened.Header("Cache-Control"));
        Assert.Null(opened.Header("Access-Control-Allow-Origin"));
        var copy = await AskAsync(program, key);
        Assert.Equal((201, opened.Html, opened.Location), (copy.Status, copy.Html, copy.Location));
        Assert.NotEqual(opened.Html, (await AskAsync(program, Guid.NewGuid().ToString("N"))).Html);

        var receipt = JsonDocument.Parse(opened.Html).RootElement;
        Assert.Equal($"/api/v1/donations/{receipt.GetProperty("token").GetString()}", opened.Location);
        Assert.Equal(receipt.GetProperty("address").GetString(), TestTreasuries.Parse(TestTreasuries.TwoOfThree).Address(DigitalResistance.Treasury.Branch.Receive, receipt.GetProperty("address_index").GetUInt32()));
        await app.PayAsync(receipt.GetProperty("address_index").GetUInt32(), 250_000);
        await app.SealAsync();

        var later = await program.GetAsync(opened.Location!);
        Assert.Equal("no-store", later.Header("Cache-Control"));
        var payment = Assert.Single(JsonDocument.Parse(later.Html).RootElement.GetProperty("payments").EnumerateArray());
        Assert.Equal((250_000, true), (payment.GetProperty("amount_sat").GetInt64(), payment.GetProperty("is_booked").GetBoolean()));
        var donation = Assert.Single(JsonDocument.Parse((await program.GetAsync("/api/v1/donations")).Html).RootElement.GetProperty("items").EnumerateArray());
        Assert.Equal((250_000, payment.GetProperty("txid").GetString()), (donation.GetProperty("change_sat").GetInt64(), donation.GetProperty("txid").GetString()));
    }

    private static async Task<Page> AskAsync(Visitor program, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/donations");
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await Page.ReadAsync("/api/v1/donations", await program.Http.SendAsync(request));
    }
}
