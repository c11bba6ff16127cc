using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RegionsAndAllowances : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Events",
                schema: "subscriptions",
                table: "Subscriptions",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                schema: "subscriptions",
                table: "Subscriptions",
                type: "character varying(1020)",
                maxLength: 1020,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "Urgent",
                schema: "subscriptions",
                table: "Subscriptions",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<bool>(
                name: "EventNotices",
                schema: "subscriptions",
                table: "Subscribers",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<bool>(
                name: "UrgentPosts",
                schema: "subscriptions",
                table: "Subscribers",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.CreateTable(
                name: "Regions",
                schema: "subscriptions",
                columns: table => new
                {
                    Slug = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    Name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    Parent = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    RemovedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Regions", x => x.Slug);
                    table.ForeignKey(
                        name: "FK_Regions_Regions_Parent",
                        column: x => x.Parent,
                        principalSchema: "subscriptions",
                        principalTable: "Regions",
                        principalColumn: "Slug",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Regions_Parent",
                schema: "subscriptions",
                table: "Regions",
                column: "Parent");

            // What readers hold says from now on where they are; until now only they themselves said it.
            migrationBuilder.Sql(
                """
                UPDATE subscriptions."Subscriptions" AS held SET "Regions" = array_to_string(ARRAY(SELECT jsonb_array_elements_text(s."Regions"::jsonb)), E'\n')
                FROM subscriptions."Subscribers" AS s WHERE s."Id" = held."SubscriberId" AND s."Regions" <> '[]';
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Regions",
                schema: "subscriptions");

            migrationBuilder.DropColumn(
                name: "Events",
                schema: "subscriptions",
                table: "Subscriptions");

            migrationBuilder.DropColumn(
                name: "Regions",
                schema: "subscriptions",
                table: "Subscriptions");

            migrationBuilder.DropColumn(
                name: "Urgent",
                schema: "subscriptions",
                table: "Subscriptions");

            migrationBuilder.DropColumn(
                name: "EventNotices",
                schema: "subscriptions",
                table: "Subscribers");

            migrationBuilder.DropColumn(
                name: "UrgentPosts",
                schema: "subscriptions",
                table: "Subscribers");
        }
    }
}
