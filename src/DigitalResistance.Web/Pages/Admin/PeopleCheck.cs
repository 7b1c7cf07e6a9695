using DigitalResistance.Staff;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin;

/// <summary>Whether there are admins enough to approve a round, one more in case one is lost, and somebody who builds payments.</summary>
internal sealed class PeopleCheck(StaffList staff, IStringLocalizer<StaffTexts> texts) : ISetupCheck
{
    public int Order => 15;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        var (admins, treasurers, _, _, enough) = await staff.NumbersAsync(cancellation);
        return admins < enough ? new(SetupState.Missing, texts["Check.Title"], texts["Check.Alone", admins, treasurers, enough])
            : treasurers == 0 ? new(SetupState.Missing, texts["Check.Title"], texts["Check.NoTreasurer", admins])
            : admins == enough ? new(SetupState.Advised, texts["Check.Title"], texts["Check.Tight", admins, enough, treasurers])
            : new(SetupState.Ready, texts["Check.Title"], texts["Check.Ready", admins, enough, treasurers]);
    }
}
