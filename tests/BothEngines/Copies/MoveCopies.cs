using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Copies;

/// <summary>What admins and treasurers do with the treasury's money beside rounds.</summary>
internal static class MoveCopies
{
    private const string One = "/treasury/moves/{number:int:min(1)}?handler=";

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new("/treasury/moves/new/{kind}", app => Occasion.FormAsync(app.Alice.Browser, "/en/treasury/moves/new/running_costs", "Input.Bills", ("Input.Bills", $"hosting 20000 {PayoutWorld.Address(5)}"))),
        new("/treasury/moves/new/{kind}", app => Occasion.FormAsync(app.Alice.Browser, "/en/treasury/moves/new/consolidation", "Input.Batches")),
        new(One + "Withdraw", async app => await AtAsync(app.Boris, await ProposedAsync(app), "handler=Withdraw"), IsSingle: true),
        new(One + "Signature", async app =>
        {
            var move = await ProposedAsync(app);
            return await AtAsync(app.Boris, move, "handler=Signature", ("Signature", app.Key.Sign(move.Manifest, MoveManifest.SignatureNamespace)));
        }, IsSingle: true),
        new(One + "SignedIn", async app =>
        {
            var move = await ProposedAsync(app);
            Assert.IsType<ApprovalResult.Counted>(await SignAsync(app, move));
            return await AtAsync(app.Boris, move, "handler=SignedIn", ("Code", app.Boris.NextCode())) with
            {
                Act = async a => await a.In((MoveApproval act) => act.ApproveSignedInAsync(move.Number, move.ManifestSha256, a.Boris.Person.Id, default)),
            };
        }, IsSingle: true),
        new(One + "Build", async app =>
        {
            var move = await ProposedAsync(app);
            Assert.IsType<ApprovalResult.Counted>(await SignAsync(app, move));
            Assert.IsType<ApprovalResult.Counted>(await app.In((MoveApproval act) => act.ApproveSignedInAsync(move.Number, move.ManifestSha256, app.Boris.Person.Id, default)));
            await app.SealAsync();
            return await AtAsync(app.Treasurer, move, "handler=Build");
        }, IsSingle: true),
    ];

    private static async Task<Move> ProposedAsync(CopiesApp app)
    {
        var bill = new Bill(CostPurpose.Hosting, new Sats(30_000), PayoutWorld.Address(6));
        var number = Assert.IsType<MoveResult.Done>(await app.In((MoveProposal act) => act.PayCostsAsync([bill], MovesWorld.Fees, app.Boris.Person.Id, default))).Number;
        return await app.AskAsync(db => db.Set<Move>().AsNoTracking().SingleAsync(m => m.Number == number));
    }

    private static Task<ApprovalResult> SignAsync(CopiesApp app, Move move) =>
        app.In((MoveApproval act) => act.ApproveBySignatureAsync(move.Number, app.Key.Sign(move.Manifest, MoveManifest.SignatureNamespace), default));

    private static Task<Occasion> AtAsync(Member member, Move move, string mark, params (string Name, string Value)[] values) =>
        Occasion.FormAsync(member.Browser, $"/en/treasury/moves/{move.Number}", mark, values);
}
