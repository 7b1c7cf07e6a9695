using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Payouts;

/// <summary>Moves at the pages: an admin proposes, two approve, a treasurer builds; nobody does what is another's.</summary>
public sealed class MovePagesTests
{
    [Fact]
    public async Task A_consolidation_goes_from_its_form_to_a_transaction_that_waits_for_signatures()
    {
        await using var app = await FundedAsync();
        var (alice, boris, treasurer) = (await StaffAsync(app, Roles.Admin), await StaffAsync(app, Roles.Admin), await StaffAsync(app, Roles.Treasurer));
        Assert.Contains("/en/treasury/moves", (await treasurer.Browser.OpenAsync("/en/treasury")).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("/moves/new/", (await treasurer.Browser.OpenAsync("/en/treasury/moves")).Html, StringComparison.Ordinal);
        Assert.Contains("/en/treasury/moves/new/consolidation", (await alice.Browser.OpenAsync("/en/treasury/moves")).Html, StringComparison.Ordinal);

        var form = await alice.Browser.OpenAsync("/en/treasury/moves/new/consolidation");
        var wrong = await alice.Browser.SendAsync(form, "Input.Batches", ("Input.Batches", "many"));
        Assert.Equal(422, wrong.Status);
        Assert.Contains("Write a whole number.", wrong.Text, StringComparison.Ordinal);
        wrong = await alice.Browser.SendAsync(form, "Input.Batches", ("Input.MaxFee", "9000000"));
        Assert.Contains("at most 1000000 sat", wrong.Text, StringComparison.Ordinal);
        var copies = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => alice.Browser.SendAsync(form, "Input.Batches"))));
        Assert.All(copies, copy => Assert.Equal((302, "/en/treasury/moves/1"), (copy.Status, copy.Location)));
        Assert.Equal(1, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Move>().CountAsync()));

        var manifest = await alice.Browser.GetAsync("/moves/1/manifest.txt");
        using var anybody = app.NewVisitor();
        Assert.Equal(manifest.Html, (await anybody.GetAsync("/moves/1/manifest.txt")).Html);
        Assert.Equal(404, (await anybody.GetAsync("/moves/2/manifest.txt")).Status);
        var said = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<LedgerEntry>().SingleAsync(e => e.Type == "move.proposed"));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(manifest.Html))), Encoding.ASCII.GetString(said.Bytes), StringComparison.Ordinal);

        var page = await alice.Browser.OpenAsync("/ru/treasury/moves/1");
        Assert.Contains("Предложен", page.Text, StringComparison.Ordinal);
        Assert.Contains($"~/.ssh/digital-resistance {manifest.Response.Content.Headers.ContentDisposition!.FileName!.Trim('"')}</code>", page.Html, StringComparison.Ordinal);
        var key = await KeyAsync(app, alice);
        foreach (var bad in new[] { Encoding.ASCII.GetBytes(key.Sign(manifest.Html + "\n", MoveManifest.SignatureNamespace)), [0x80, 0x00, .. RandomNumberGenerator.GetBytes(500)], new byte[20_000] })
            Assert.Equal(422, (await alice.Browser.SendFileAsync(page, "name=\"Signature\"", "SignatureFile", bad)).Status);
        var sent = await alice.Browser.SendFileAsync(page, "name=\"Signature\"", "SignatureFile", Encoding.ASCII.GetBytes(key.Sign(manifest.Html, MoveManifest.SignatureNamespace)));
        page = await alice.Browser.OpenAsync(sent.Location!);
        Assert.Contains("1 из 2", page.Text, StringComparison.Ordinal);
        page = await boris.Browser.OpenAsync("/en/treasury/moves/1");
        Assert.Equal(422, (await boris.Browser.SendAsync(page, "name=\"Code\"", ("Code", "000000"))).Status);
        page = await boris.Browser.SubmitAsync(await boris.Browser.OpenAsync("/en/treasury/moves/1"), "name=\"Code\"", ("Code", NextCode(app, boris)));
        Assert.Contains("Approved", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("handler=Build", page.Html, StringComparison.Ordinal);

        await app.SealAsync();
        page = await treasurer.Browser.OpenAsync("/en/treasury/moves/1");
        Assert.Contains("1 transactions would spend 2 coins", page.Text, StringComparison.Ordinal);
        page = await treasurer.Browser.SubmitAsync(page, "type=\"hidden\" name=\"Target\"");
        Assert.Contains("Being paid", page.Text, StringComparison.Ordinal);
        var batch = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<DigitalResistance.Payouts.Batch>().SingleAsync());
        Assert.Contains("Move 1, transaction 1", (await treasurer.Browser.OpenAsync($"/en/treasury/batches/{batch.Id}")).Text, StringComparison.Ordinal);
        Assert.Contains("Никому: всё, кроме комиссии, возвращается в казну.", (await treasurer.Browser.OpenAsync($"/ru/treasury/batches/{batch.Id}")).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await treasurer.Browser.OpenAsync($"/ru/treasury/batches/{batch.Id}/sheet")).Status);
        Assert.Contains("move 1", (await anybody.OpenAsync("/en/ledger?move=1")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bills_with_mistakes_come_back_line_by_line_and_good_ones_wait_for_objections()
    {
        await using var app = await FundedAsync();
        var (alice, treasurer) = (await StaffAsync(app, Roles.Admin), await StaffAsync(app, Roles.Treasurer));
        Assert.Equal(404, (await alice.Browser.GetAsync("/en/treasury/moves/new/presents")).Status);
        Assert.NotEqual(200, (await treasurer.Browser.GetAsync("/en/treasury/moves/new/running_costs")).Status);
        var form = await alice.Browser.OpenAsync("/ru/treasury/moves/new/running_costs");
        var good = $"hosting 200000 {PayoutWorld.Address(1)}";
        foreach (var (bills, mistake) in new[]
        {
            ("", "Впишите хотя бы один счёт."), ($"{good}\nyacht 5 x", "Строка 2 — не назначение"), ($"{good}\naudit 5000 x", "Строка 2: это не адрес этой сети."),
            ($"{good}\naudit 100 {PayoutWorld.Address(2)}", "Строка 2: столь малую сумму"), ($"{good}\naudit 99000000 {PayoutWorld.Address(2)}", "Строка 2: сумма больше"),
        })
        {
            var wrong = await alice.Browser.SendAsync(form, "Input.Bills", ("Input.Bills", bills));
            Assert.Equal(422, wrong.Status);
            Assert.Contains(mistake, wrong.Text, StringComparison.Ordinal);
            Assert.Contains(bills.Split('\n')[^1], wrong.Text, StringComparison.Ordinal);
        }

        var page = await alice.Browser.SubmitAsync(form, "Input.Bills", ("Input.Bills", good));
        Assert.Contains("Пока ещё можно возразить", page.Text, StringComparison.Ordinal);
        Assert.Contains(PayoutWorld.Address(1), page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Code\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("Перевод отозван.", (await alice.Browser.SubmitAsync(page, "name=\"Version\"")).Text, StringComparison.Ordinal);
        var late = await alice.Browser.SendAsync(page, "name=\"Version\"");
        Assert.True(late.Status is 302 or 409, $"{late.Status}");
    }

    [Fact]
    public async Task New_keys_are_shown_as_addresses_before_they_can_be_proposed()
    {
        await using var app = await FundedAsync();
        var alice = await StaffAsync(app, Roles.Admin);
        var form = await alice.Browser.OpenAsync("/en/treasury/moves/new/rotation");
        var wrong = await alice.Browser.SendAsync(form, "Input.Descriptor", ("Input.Descriptor", "wpkh(nonsense)"));
        Assert.Equal(422, wrong.Status);
        var looked = await alice.Browser.SendAsync(form, "Input.Descriptor", ("Input.Descriptor", TestTreasuries.Taproot));
        Assert.Equal(200, looked.Status);
        Assert.Contains(TestTreasuries.Parse(TestTreasuries.Taproot).Address(Branch.Receive, 0), looked.Text, StringComparison.Ordinal);
        // Another descriptor than the one whose addresses were shown is shown first too.
        var other = await alice.Browser.SendAsync(looked, "Input.Descriptor", ("Input.Descriptor", TestTreasuries.OneKey));
        Assert.Equal(200, other.Status);
        Assert.Contains(TestTreasuries.Parse(TestTreasuries.OneKey).Address(Branch.Receive, 0), other.Text, StringComparison.Ordinal);
        var page = await alice.Browser.SubmitAsync(other, "Input.Descriptor", ("Input.Descriptor", TestTreasuries.OneKey));
        Assert.Contains("The move is proposed", page.Text, StringComparison.Ordinal);
        Assert.Contains(TestTreasuries.Parse(TestTreasuries.OneKey).Address(Branch.Change, 0), page.Text, StringComparison.Ordinal);
    }

    private static async Task<SandboxApp> FundedAsync()
    {
        var app = new SandboxApp();
        await app.AdoptAsync();
        await app.PayAsync(0, 400_000);
        await app.PayAsync(1, 300_000);
        return app;
    }

    private static async Task<TestSshKey> KeyAsync(SandboxApp app, Member member)
    {
        var key = TestSshKey.Create("ssh-ed25519");
        await app.InScopeAsync(services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            db.Add(new AdminKey
            {
                AccountId = member.Id, PublicKey = $"{key.Type} {Convert.ToBase64String(key.PublicBlob)}", AddedAt = app.Time.GetUtcNow(),
                Fingerprint = "SHA256:" + Convert.ToBase64String(SHA256.HashData(key.PublicBlob)).TrimEnd('='),
            });
            return db.SaveChangesAsync();
        });
        return key;
    }

    private static async Task<Member> StaffAsync(SandboxApp app, string role)
    {
        var (person, visitor) = (await app.NewPersonAsync(role), app.NewVisitor());
        await visitor.SignInAsync(person);
        return new Member(person.Id, visitor, await visitor.SetUpAuthenticatorAsync(app, person));
    }

    private static string NextCode(SandboxApp app, Member member)
    {
        app.Time.Advance(TimeSpan.FromSeconds(31));
        return Totp.Code(member.Secret, Totp.StepOf(app.Time.GetUtcNow()));
    }

    private sealed record Member(Guid Id, Visitor Browser, byte[] Secret);
}
