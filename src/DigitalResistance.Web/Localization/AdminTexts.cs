namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the administration: its home, and who may join.</summary>
public sealed class AdminTexts;
