namespace DigitalResistance.Prober.Protocols;

/// <summary>How a setting is entered and kept.</summary>
public enum SettingKind
{
    /// <summary>One line of text.</summary>
    Text,

    /// <summary>One line of text that is shown masked and never leaves in an export.</summary>
    Secret,

    /// <summary>One of the declared choices.</summary>
    Choice,
}

/// <summary>
/// One setting of a protocol, as the protocol's own file declares it. The form, the check, the storage and the masking all follow this
/// declaration; nobody else knows which settings a protocol has.
/// </summary>
/// <param name="Name">Permanent lower-case name, used in forms and storage.</param>
/// <param name="Label">English name for people; translations are keyed by protocol and setting.</param>
/// <param name="Kind">How it is entered and kept.</param>
public sealed record Setting(string Name, string Label, SettingKind Kind)
{
    /// <summary>Whether it must be given, where it applies. Default: true.</summary>
    public bool Required { get; init; } = true;

    /// <summary>Least length in UTF-8 bytes. Default: 1.</summary>
    public int MinBytes { get; init; } = 1;

    /// <summary>Greatest length in UTF-8 bytes. Default: 255.</summary>
    public int MaxBytes { get; init; } = 255;

    /// <summary>Characters that the protocol cannot carry here, besides control characters, which nothing may hold. Default: none.</summary>
    public string Forbidden { get; init; } = "";

    /// <summary>The values of a <see cref="SettingKind.Choice"/>; the first is the default.</summary>
    public IReadOnlyList<SettingChoice> Choices { get; init; } = [];

    /// <summary>The setting applies only when another one has this value. Default: always.</summary>
    public SettingCondition? When { get; init; }

    /// <summary>Whether it is shown masked and never leaves in an export.</summary>
    public bool IsSecret => Kind == SettingKind.Secret;
}

/// <summary>One value of a choice: its permanent name and its English label.</summary>
public sealed record SettingChoice(string Value, string Label);

/// <summary>Holds while another setting has a value.</summary>
public sealed record SettingCondition(string Setting, string Value);
