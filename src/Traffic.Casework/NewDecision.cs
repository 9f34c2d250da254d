using System.Collections.Frozen;
using FluentValidation;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Casework;

/// <summary>What a person decides about a record, as sent.</summary>
public sealed record NewDecision
{
    /// <summary>Chosen by the caller: sending it twice is harmless. Required.</summary>
    public Guid? DecisionId { get; init; }

    /// <summary>The revision the person saw. Required, from 1.</summary>
    public int? Revision { get; init; }

    /// <summary>Required.</summary>
    public DecisionAction? Action { get; init; }

    /// <summary>Entry of the catalogue: required to resolve, else absent.</summary>
    public string? Entry { get; init; }

    /// <summary>A value that came later: required to measure, else absent. So far a blood value, with the number of its sample.</summary>
    public Measurement? Measurement { get; init; }

    /// <summary>Who decides. Required.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>A second person, another one: required to void, and to turn what was confirmed or rejected before.</summary>
    public string? SecondPerson { get; init; }

    /// <summary>Why, without personal data. Required.</summary>
    public string? Reason { get; init; }
}

/// <summary>What a decision must be like. Messages are words by code.</summary>
sealed class NewDecisionValidator : AbstractValidator<NewDecision>
{
    /// <summary>Rules that look at other members than the one they name, and at which.</summary>
    public static readonly FrozenDictionary<string, string[]> AlsoReads = new Dictionary<string, string[]>
    {
        ["casework.entry"] = ["action"],
        ["casework.measurement"] = ["action"],
        ["casework.secondPerson"] = ["action", "decidedBy"],
    }.ToFrozenDictionary();

    public NewDecisionValidator()
    {
        Must(d => d.DecisionId, (_, id) => id is { } given && given != Guid.Empty, "casework.decisionId");
        Must(d => d.Revision, (_, revision) => revision >= 1, "casework.revision");
        Must(d => d.Action, (_, action) => action is not null, "casework.action");
        Must(d => d.Entry, (d, entry) => d.Action == DecisionAction.Resolve ? entry is { Length: >= 1 and <= 100 } : entry is null, "casework.entry");
        Must(d => d.Measurement, (d, measured) => d.Action == DecisionAction.Measure
            ? measured is { Quantity: Quantity.AlcoholBlood, Unit: "mg/100mL", Value: >= 0 and <= 600 }
                && decimal.Round(measured.Value, 3) == measured.Value && PlainText.IsWords(measured.Instrument, 100)
            : measured is null, "casework.measurement");
        Must(d => d.DecidedBy, (_, by) => PlainText.IsWords(by, 100), "casework.decidedBy");
        Must(d => d.SecondPerson, (d, second) => d.Action == DecisionAction.Void || second is not null
            ? PlainText.IsWords(second, 100) && TwoPersons.Are(d.DecidedBy, second) : true, "casework.secondPerson");
        Must(d => d.Reason, (_, reason) => PlainText.IsWords(reason, 1_000), "casework.reason");
    }

    void Must<T>(System.Linq.Expressions.Expression<Func<NewDecision, T>> member, Func<NewDecision, T, bool> holds, string code) =>
        RuleFor(member).Must(holds).WithErrorCode(code).WithMessage(code);
}
