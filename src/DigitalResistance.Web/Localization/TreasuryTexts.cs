namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the treasury and of the signing room.</summary>
public sealed class TreasuryTexts;
