using DigitalResistance.Accounts;
using DigitalResistance.Messages;

namespace DigitalResistance.Testing.Copies;

/// <summary>What accounts write to the admins, and they to them.</summary>
internal static class MessageCopies
{
    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new("/my/messages", async app => await Occasion.FormAsync((await app.MemberAsync(Roles.Operator, hasCodes: false)).Browser, "/en/my/messages", "name=\"Text\"", ("Text", "twenty times"))),
        new("/my/messages?handler=Delete", async app => await Occasion.FormAsync((await WrittenAsync(app)).Browser, "/en/my/messages", "handler=Delete"), IsSingle: true),
        new("/admin/messages/{tag}", async app =>
        {
            await WrittenAsync(app);
            var tag = (await app.In((MessageReading reading) => reading.AllAsync())).First(c => c is { Waits: true, Messages: 1 }).Tag;
            return await Occasion.FormAsync(app.Alice.Browser, $"/en/admin/messages/{tag}", "name=\"Text\"", ("Text", "an answer"));
        }),
    ];

    private static async Task<Member> WrittenAsync(CopiesApp app)
    {
        var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
        Assert.IsType<MessageResult.Written>(await app.In((MessageWriting act) => act.WriteAsync(somebody.Person.Id, "What is this?")));
        return somebody;
    }
}
