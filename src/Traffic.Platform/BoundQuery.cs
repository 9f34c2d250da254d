using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Traffic.Platform;

/// <summary>
/// Holds what an endpoint is asked to the parameters of its handler: a name that is misspelt or stands twice, and a value that cannot
/// be read, is refused by name and never ignored. Endpoints that read their query by themselves are left to do so.
/// </summary>
public static class BoundQuery
{
    /// <summary>How a value is read, by type; a text is taken as it is.</summary>
    static readonly Dictionary<Type, Func<string, bool>> Readable = new()
    {
        [typeof(string)] = _ => true,
        [typeof(int)] = text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        [typeof(bool)] = text => bool.TryParse(text, out _),
        [typeof(Guid)] = text => Guid.TryParse(text, out _),
        [typeof(DateOnly)] = text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
    };

    static readonly ConcurrentDictionary<Endpoint, Dictionary<string, (Type Type, bool Required)>> Known = [];

    /// <summary>Answers 400 with every fault of a query.</summary>
    public static void UseBoundQuery(this IApplicationBuilder app) => app.Use((context, next) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Path.StartsWithSegments("/api/v1", StringComparison.Ordinal)
        && context.GetEndpoint() is RouteEndpoint endpoint && Known.GetOrAdd(endpoint, _ => ParametersOf(endpoint)) is { Count: > 0 } known
        && Faults(context, known) is { Count: > 0 } faults
            ? Results.Problem(new HttpValidationProblemDetails(faults)
            {
                Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:refused",
                Title = context.RequestServices.GetRequiredService<Words>().Get("platform.query", Words.Language(context)),
            }).ExecuteAsync(context)
            : next(context));

    static Dictionary<string, (Type, bool)> ParametersOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<AskedByQuery>() is not null || endpoint.Metadata.GetMetadata<MethodInfo>() is not { } handler ? []
            : handler.GetParameters()
                .Where(one => Readable.ContainsKey(TypeOf(one)) && endpoint.RoutePattern.GetParameter(one.Name!) is null)
                .ToDictionary(one => one.Name!, one => (TypeOf(one), one.ParameterType == TypeOf(one) && one.ParameterType.IsValueType && !one.HasDefaultValue));

    static Type TypeOf(ParameterInfo one) => Nullable.GetUnderlyingType(one.ParameterType) ?? one.ParameterType;

    static Dictionary<string, string[]> Faults(HttpContext context, Dictionary<string, (Type Type, bool Required)> known)
    {
        var faults = new Dictionary<string, string[]>();
        foreach (var (name, values) in context.Request.Query)
            if (name != "lang" && !known.ContainsKey(name))
                Fault(name, "platform.query.unknown", string.Join(", ", known.Keys.Order(StringComparer.Ordinal)));
            else if (values.Count > 1)
                Fault(name, "platform.query.twice");
            else if (name != "lang" && !Readable[known[name].Type](values.ToString()))
                Fault(name, $"platform.query.{known[name].Type.Name}");
        foreach (var (name, _) in known.Where(one => one.Value.Required && !context.Request.Query.ContainsKey(one.Key)))
            Fault(name, "platform.query.missing");
        return faults;

        void Fault(string name, string word, params object?[] values) =>
            faults[name] = [context.RequestServices.GetRequiredService<Words>().Get(word, Words.Language(context), values)];
    }
}
