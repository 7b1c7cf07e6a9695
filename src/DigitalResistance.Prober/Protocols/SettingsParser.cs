using System.Text;

namespace DigitalResistance.Prober.Protocols;

/// <summary>Checks raw values against what a protocol declares. Empty means not given; nothing is trimmed, since a password may end in a space.</summary>
internal static class SettingsParser
{
    public static SettingsParse Parse(IReadOnlyList<Setting> declared, IReadOnlyDictionary<string, string> raw)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in declared)
        {
            var value = raw.GetValueOrDefault(setting.Name, "");
            if (value.Length == 0 && setting.Kind == SettingKind.Choice && setting.Required && Applies(setting, values)) value = setting.Choices[0].Value;
            if (setting.Kind == SettingKind.Choice && !Applies(setting, values)) continue; // nobody can leave a choice empty in a form: where it does not apply, it says nothing
            if (Judge(setting, value, values) is { } problem) return new SettingsParse.Rejected(setting.Name, problem);
            if (value.Length > 0) values.Add(setting.Name, value);
        }

        var unknown = raw.FirstOrDefault(pair => pair.Value.Length > 0 && declared.All(setting => setting.Name != pair.Key)).Key;
        return unknown is null ? new SettingsParse.Accepted(new ProbeSettings(values)) : new SettingsParse.Rejected(unknown, SettingProblem.Unknown);
    }

    private static SettingProblem? Judge(Setting setting, string value, Dictionary<string, string> earlier)
    {
        if (!Applies(setting, earlier)) return value.Length > 0 ? SettingProblem.NotApplicable : null;
        if (value.Length == 0) return setting.Required ? SettingProblem.Missing : null;
        if (setting.Kind == SettingKind.Choice) return setting.Choices.Any(choice => choice.Value == value) ? null : SettingProblem.NotAChoice;
        if (value.Any(c => char.IsControl(c) || setting.Forbidden.Contains(c)) || !IsWellFormed(value)) return SettingProblem.BadCharacter;
        var bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes > setting.MaxBytes) return SettingProblem.TooLong;
        return bytes < setting.MinBytes ? SettingProblem.TooShort : null;
    }

    // A condition looks at settings declared before it only: the declaration reads from top to bottom, as the form does.
    private static bool Applies(Setting setting, Dictionary<string, string> earlier) =>
        setting.When is not { } when || earlier.GetValueOrDefault(when.Setting) == when.Value;

    /// <summary>Half a surrogate pair would become another character on the wire than the one that was typed.</summary>
    private static bool IsWellFormed(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i])) continue;
            if (!char.IsHighSurrogate(value[i]) || i + 1 == value.Length || !char.IsLowSurrogate(value[++i])) return false;
        }

        return true;
    }
}
