namespace DigitalResistance.Web.Localization;

/// <summary>The ceremony that makes a treasury.</summary>
public sealed class CeremonyTexts;
