namespace DigitalResistance.Prober.Protocols;

/// <summary>Settings that passed their protocol's check. They hold secrets, so they do not print themselves.</summary>
public sealed class ProbeSettings
{
    private readonly Dictionary<string, string> _values;

    internal ProbeSettings(Dictionary<string, string> values) => _values = values;

    /// <summary>Name and value of every setting that was given: what is stored (encrypted), and what parses again to the same settings.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>The value of a setting; empty when it does not apply or was left out.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, "");

    /// <summary>These settings, with those of another set in place of their own.</summary>
    internal ProbeSettings With(ProbeSettings other)
    {
        var values = new Dictionary<string, string>(_values, StringComparer.Ordinal);
        foreach (var (name, value) in other._values) values[name] = value;
        return new ProbeSettings(values);
    }

    /// <summary>Whether two sets of settings say the same.</summary>
    public bool Matches(ProbeSettings other) => _values.Count == other._values.Count && _values.All(value => other._values.TryGetValue(value.Key, out var theirs) && theirs == value.Value);

    /// <summary>The values as their owner may see them on a page: secrets masked, whatever their length.</summary>
    public IReadOnlyDictionary<string, string> Masked(IReadOnlyList<Setting> declared) => declared.Where(setting => _values.ContainsKey(setting.Name))
        .ToDictionary(setting => setting.Name, setting => setting.IsSecret ? "••••••••" : _values[setting.Name], StringComparer.Ordinal);

    /// <summary>How many settings there are, and nothing of what they hold.</summary>
    public override string ToString() => $"({_values.Count} settings)";
}

/// <summary>What is wrong with one setting.</summary>
public enum SettingProblem
{
    /// <summary>It is required and was left out.</summary>
    Missing,

    /// <summary>Shorter than the protocol allows.</summary>
    TooShort,

    /// <summary>Longer than the protocol allows.</summary>
    TooLong,

    /// <summary>Holds a character that the protocol cannot carry.</summary>
    BadCharacter,

    /// <summary>Not one of the choices.</summary>
    NotAChoice,

    /// <summary>Was given, but does not apply with the other settings as they are.</summary>
    NotApplicable,

    /// <summary>Reads like nothing this setting could be (a key, a link, a name).</summary>
    Malformed,

    /// <summary>The protocol has no such setting.</summary>
    Unknown,
}

/// <summary>How a check of settings ended.</summary>
public abstract record SettingsParse
{
    private SettingsParse()
    {
    }

    /// <summary>They are good.</summary>
    public sealed record Accepted(ProbeSettings Settings) : SettingsParse;

    /// <summary>One is not; the first in the order of the form.</summary>
    public sealed record Rejected(string Setting, SettingProblem Problem) : SettingsParse;
}
