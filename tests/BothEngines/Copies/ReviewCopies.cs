using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Copies;

/// <summary>What reviewers do with operators, and what operators say to it.</summary>
internal static class ReviewCopies
{
    private const string Page = "/admin/rounds/{number:int:min(1)}/review?handler=";

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new(Page + "Decide", async app =>
        {
            await app.NewOperatorAsync();
            var round = await app.RoundAsync(RoundState.Frozen);
            var token = await TokenAsync(app, round.Number);
            return await Occasion.FormAsync(
                app.Alice.Browser, $"/en/admin/rounds/{round.Number}/review", "handler=Decide", ("Chosen", $"{token}:{Eligibility.Eligible}"),
                ("Outcome", nameof(Eligibility.Held)), ("Reason", nameof(DecisionReason.SameMachine)), ("Code", app.Alice.NextCode())) with
            {
                Act = async a => await a.In((OperatorReview act) => act.DecideAsync(round.Number, a.Alice.Person.Id, Held(round, token))),
            };
        }, IsSingle: true),
        new("/my/grants/{number:int:min(1)}/{handler?}?handler=Object", async app =>
        {
            var round = await HeldAsync(app);
            return await Occasion.FormAsync(app.Operator.Browser, $"/en/my/grants/{round.Number}", "Objecting", ("Objecting", "These are two machines."));
        }, IsSingle: true),
        new(Page + "Judge", async app =>
        {
            var round = await HeldAsync(app);
            var token = await TokenAsync(app, round.Number);
            Assert.IsType<ObjectionResult.Raised>(await app.In((ObjectionRaising act) => act.RaiseAsync(round.Number, app.Operator.Person.Id, "These are two machines.")));
            return await Occasion.FormAsync(
                app.Boris.Browser, $"/en/admin/rounds/{round.Number}/review", "handler=Judge", ("Judged", token), ("Verdict", nameof(ObjectionVerdict.Upheld)), ("JudgeCode", app.Boris.NextCode())) with
            {
                Act = async a => await a.In((ObjectionDeciding act) => act.VoteAsync(round.Number, token, a.Boris.Person.Id, ObjectionVerdict.Upheld)),
            };
        }, IsSingle: true),
    ];

    // Its operator is held, and has an hour to object.
    private static async Task<Round> HeldAsync(CopiesApp app)
    {
        await app.NewOperatorAsync();
        return await app.RoundAsync(RoundState.Allocated, number => HoldAsync(app, number));
    }

    private static async Task HoldAsync(CopiesApp app, int number)
    {
        var policy = RoundsWorld.PolicyWith(approvalsNeeded: 2, maxSignedIn: 2).Bytes;
        await app.AskAsync(db => db.Set<Round>().Where(r => r.Number == number).ExecuteUpdateAsync(set => set.SetProperty(r => r.PolicyJson, policy)));
        var round = await app.AskAsync(db => db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == number));
        var request = Held(round, await TokenAsync(app, number));
        Assert.IsType<DecisionResult.Done>(await app.In((OperatorReview act) => act.DecideAsync(number, app.Alice.Person.Id, request)));
    }

    private static DecisionRequest Held(Round round, string token) =>
        new(round.State, round.Revision, Eligibility.Held, DecisionReason.SameMachine, [new SeenOperator(token, Eligibility.Eligible)]);

    private static Task<string> TokenAsync(CopiesApp app, int number) => app.AskAsync(db => db.Set<Grant>().Where(g => g.RoundNumber == number).Select(g => g.Token).SingleAsync());
}
