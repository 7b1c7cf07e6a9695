namespace DigitalResistance.Web.Localization;

/// <summary>Texts about admins and treasurers: invitations that several agree to, roles that end, numbers.</summary>
public sealed class StaffTexts;
