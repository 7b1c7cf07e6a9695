using System.Text.Json;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>
/// Bitcoin Core's <c>script_tests.json</c>. Scripts outside of what the stand-in understands must be refused, whatever
/// Core says; within it, the very rule that is broken must be told.
/// </summary>
public sealed class ScriptVectorTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, ScriptError> Errors = new(StringComparer.Ordinal)
    {
        ["OK"] = ScriptError.OK,
        ["EVAL_FALSE"] = ScriptError.EvalFalse,
        ["SIG_DER"] = ScriptError.SigDer,
        ["SIG_HIGH_S"] = ScriptError.SigHighS,
        ["SIG_HASHTYPE"] = ScriptError.SigHashType,
        ["SIG_NULLDUMMY"] = ScriptError.SigNullDummy,
        ["SIG_PUSHONLY"] = ScriptError.SigPushOnly,
        ["NULLFAIL"] = ScriptError.NullFail,
        ["PUBKEYTYPE"] = ScriptError.PubKeyType,
        ["CLEANSTACK"] = ScriptError.CleanStack,
        ["EQUALVERIFY"] = ScriptError.EqualVerify,
        ["INVALID_STACK_OPERATION"] = ScriptError.InvalidStackOperation,
        ["MINIMALDATA"] = ScriptError.MinimalData,
        ["PUSH_SIZE"] = ScriptError.PushSize,
        ["WITNESS_PROGRAM_MISMATCH"] = ScriptError.WitnessProgramMissmatch,
        ["WITNESS_PROGRAM_WITNESS_EMPTY"] = ScriptError.WitnessProgramEmpty,
        ["WITNESS_PROGRAM_WRONG_LENGTH"] = ScriptError.WitnessProgramWrongLength,
        ["WITNESS_MALLEATED"] = ScriptError.WitnessMalleated,
        ["WITNESS_MALLEATED_P2SH"] = ScriptError.WitnessMalleatedP2SH,
        ["WITNESS_UNEXPECTED"] = ScriptError.WitnessUnexpected,
        ["WITNESS_PUBKEYTYPE"] = ScriptError.WitnessPubkeyType,
        ["DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM"] = ScriptError.DiscourageUpgradableWitnessProgram,
    };

    [Fact]
    public void What_Core_refuses_is_refused_and_for_the_same_reason()
    {
        var (agreed, outside) = (0, 0);
        var wrong = new List<string>();
        foreach (var test in Vectors.Json("core/script_tests.json").EnumerateArray().Select(t => t.EnumerateArray().ToArray()).Where(t => t.Length >= 4))
        {
            var witness = test[0].ValueKind == JsonValueKind.Array ? test[0].EnumerateArray().ToArray() : [];
            var at = witness.Length > 0 || test[0].ValueKind == JsonValueKind.Array ? 1 : 0;
            if (witness.Any(w => w.ToString().Contains('#', StringComparison.Ordinal)))
            {
                outside++;
                continue;
            }

            var expected = test[at + 3].GetString()!;
            var rules = Vectors.Rules(test[at + 2].GetString()!);
            // A combination that the real package does not run.
            if (!StandIn.IsUsed && (rules & (ScriptVerify.CleanStack | ScriptVerify.Witness)) == ScriptVerify.CleanStack) continue;
            var error = Spend(test[at].GetString()!, test[at + 1].GetString()!, rules, witness);
            if (error == ScriptError.OK ? expected == "OK" : Errors.TryGetValue(expected, out var known) && known == error) agreed++;
            else if (StandIn.IsUsed && error == ScriptError.UnknownError) outside++;
            else if (!StandIn.IsUsed && error != ScriptError.OK && expected != "OK") agreed++;
            else wrong.Add($"{error} instead of {string.Join(" | ", test.Select(t => t.ToString()))}");
        }

        output.WriteLine($"script_tests.json: {agreed} agree, {outside} are outside of the stand-in and refused, {wrong.Count} are wrong");
        output.WriteLine(string.Join('\n', wrong));
        Assert.Empty(wrong);
        Assert.True(agreed >= 125, "Fewer vectors than before were within the stand-in.");
    }

    private static ScriptError Spend(string scriptSig, string scriptPubKey, ScriptVerify rules, JsonElement[] witness)
    {
        var amount = witness.Length > 0 ? Money.Coins(witness[^1].GetDecimal()) : Money.Zero;
        var credit = Transaction.Create(Network.Main);
        credit.Inputs.Add(new OutPoint(uint256.Zero, -1), Vectors.CoreScript("0 0"));
        credit.Outputs.Add(amount, Vectors.CoreScript(scriptPubKey));
        var spend = Transaction.Create(Network.Main);
        var items = witness.Take(Math.Max(0, witness.Length - 1)).Select(w => Convert.FromHexString(w.GetString()!));
        spend.Inputs.Add(new OutPoint(credit, 0), Vectors.CoreScript(scriptSig), new WitScript(items));
        spend.Outputs.Add(amount, Script.Empty);
        var validator = spend.CreateValidator([credit.Outputs[0]]);
        validator.ScriptVerify = rules;
        return validator.ValidateInput(0).Error ?? ScriptError.OK;
    }
}
