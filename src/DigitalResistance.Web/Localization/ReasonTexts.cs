namespace DigitalResistance.Web.Localization;

/// <summary>Stages and published failures in words, each with what to do about it (docs/specs/failures.md).</summary>
public sealed class ReasonTexts;
