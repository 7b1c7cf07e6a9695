namespace DigitalResistance.Web.Localization;

/// <summary>Texts of an operator's own pages about money: the payout address, grants and credits.</summary>
public sealed class GrantsTexts;
