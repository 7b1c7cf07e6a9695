using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>
/// Whom reviewers hold or exclude in a round, and who objected. It outlives revisions and goes with the scores. What is decided counts from the next
/// allocation on, so it is decided while there is none.
/// </summary>
internal sealed class Standings
{
    private readonly Dictionary<string, (string Type, string Reason)> _decided = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _objections = new(StringComparer.Ordinal);

    /// <summary>Whether an operator is paid nothing.</summary>
    public bool IsUnpaid(string token) => _decided.ContainsKey(token);

    /// <summary>Whether an operator's weight does not count.</summary>
    public bool IsExcluded(string token) => _decided.GetValueOrDefault(token).Type == "operator.excluded";

    /// <summary>Everybody whose whole share becomes credit.</summary>
    public IEnumerable<string> Held => _decided.Where(d => d.Value.Type == "operator.held").Select(d => d.Key);

    public bool HasOpenObjection => _objections.ContainsValue("open");

    /// <summary>Whether an objection that was upheld has not freed its operator yet.</summary>
    public bool IsUnfinished => _objections.Any(o => o.Value == "upheld" && IsUnpaid(o.Key));

    public void Decide(CanonicalObject e)
    {
        var (token, now) = (e.Text("token"), (e.Text("type"), e.Text("reason")));
        Need(!_decided.TryGetValue(token, out var before) || before != now, "it was decided so already");
        Need(_objections.GetValueOrDefault(token) is null or "dismissed", "this operator's objection is open, or was upheld");
        _decided[token] = now;
    }

    public void Clear(CanonicalObject e)
    {
        var objection = _objections.GetValueOrDefault(e.Text("token"));
        Need(_decided.Remove(e.Text("token")), "this operator was neither held nor excluded");
        Need(objection != "open" && objection == "upheld" == (e.Text("reason") == "objection_upheld"), "this operator's objection was not upheld, or is open");
    }

    public void Object(CanonicalObject e) =>
        Need(IsUnpaid(e.Text("token")) && _objections.TryAdd(e.Text("token"), "open"), "there is nothing to object to, or it is a second objection");

    public void Judge(CanonicalObject e)
    {
        var (token, decision) = (e.Text("token"), e.Text("decision"));
        Need(_objections.GetValueOrDefault(token) == "open" && decision is ("upheld" or "dismissed"), "no such objection is open");
        Need(e.Integer("admins") > 0, "nobody decided the objection");
        _objections[token] = decision;
    }
}
