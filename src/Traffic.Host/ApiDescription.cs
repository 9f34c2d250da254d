using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Traffic.Platform;

namespace Traffic.Host;

/// <summary>
/// The description of the HTTP interface, <c>/openapi/v1.json</c>: what each call does, in both languages, the query it reads by
/// itself, and the answers that any call may have.
/// </summary>
static class ApiDescription
{
    static readonly Words Words = Words.Load(typeof(ApiDescription).Assembly);

    public static void AddApiDescription(this IServiceCollection services)
    {
        // A number in quotes is refused at every door, and none is answered.
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddOpenApi(options => options.AddSchemaTransformer(AlwaysThere).AddOperationTransformer((operation, context, _) =>
        {
            var endpoint = context.Description;
            operation.Summary = Both($"api.{endpoint.HttpMethod} /{Plain(endpoint.RelativePath!)}");
            foreach (var name in endpoint.ActionDescriptor.EndpointMetadata.OfType<AskedByQuery>().SelectMany(asked => asked.Names))
                (operation.Parameters ??= []).Add(new OpenApiParameter
                {
                    Name = name, In = ParameterLocation.Query, Description = Both($"api.query.{name}"),
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            var answers = operation.Responses ??= [];
            if (!answers.Keys.Any(status => status.StartsWith('2')))
                answers["200"] = new OpenApiResponse { Description = "OK" };
            answers.TryAdd("503", new OpenApiResponse { Description = "Not available at the moment: send the same again. 暂时无法受理：请重新发送。" });
            if (operation.RequestBody is not null)
            {
                answers.TryAdd("413", new OpenApiResponse { Description = "The body is too long. 内容过长。" });
                answers.TryAdd("415", new OpenApiResponse { Description = "Another content type. 内容类型不符。" });
            }
            return Task.CompletedTask;
        }));
    }

    /// <summary>What is worked out of others is in every answer, as what an answer is made of is; unless told so, it passes for one that may be null.</summary>
    static Task AlwaysThere(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        foreach (var property in context.JsonTypeInfo.Properties.Where(one => one is { Set: null, IsGetNullable: false }))
            if (schema.Properties?.TryGetValue(property.Name, out var present) == true)
            {
                (schema.Required ??= new HashSet<string>()).Add(property.Name);
                if (present is OpenApiSchema { Type: not null } plain)
                    plain.Type &= ~JsonSchemaType.Null;
            }
        return Task.CompletedTask;
    }

    static string Both(string key) => $"{Words.Get(key, "en")} {Words.Get(key, "zh")}";

    /// <summary>Without the constraints of its places, e.g. <c>{id:guid}</c>, and the stroke that the root of a group ends in.</summary>
    static string Plain(string path) => Regex.Replace(path.TrimEnd('/'), @"\{(\w+):[^}]*\}", "{$1}");
}
