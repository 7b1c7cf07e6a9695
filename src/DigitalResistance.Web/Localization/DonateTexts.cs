namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the donation page and of receipts.</summary>
public sealed class DonateTexts;
