using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RegionsAndAllowances : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Events",
                table: "Subscriptions",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "Regions",
                table: "Subscriptions",
                type: "TEXT",
                maxLength: 1020,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "Urgent",
                table: "Subscriptions",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<bool>(
                name: "EventNotices",
                table: "Subscribers",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<bool>(
                name: "UrgentPosts",
                table: "Subscribers",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.CreateTable(
                name: "Regions",
                columns: table => new
                {
                    Slug = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Parent = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    RemovedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Regions", x => x.Slug);
                    table.ForeignKey(
                        name: "FK_Regions_Regions_Parent",
                        column: x => x.Parent,
                        principalTable: "Regions",
                        principalColumn: "Slug",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Regions_Parent",
                table: "Regions",
                column: "Parent");

            // What readers hold says from now on where they are; until now only they themselves said it.
            migrationBuilder.Sql(
                """
                UPDATE "Subscriptions" SET "Regions" = (SELECT group_concat(value, char(10)) FROM "Subscribers" AS s, json_each(s."Regions") WHERE s."Id" = "Subscriptions"."SubscriberId")
                WHERE EXISTS (SELECT 1 FROM "Subscribers" AS s WHERE s."Id" = "Subscriptions"."SubscriberId" AND s."Regions" <> '[]');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Regions");

            migrationBuilder.DropColumn(
                name: "Events",
                table: "Subscriptions");

            migrationBuilder.DropColumn(
                name: "Regions",
                table: "Subscriptions");

            migrationBuilder.DropColumn(
                name: "Urgent",
                table: "Subscriptions");

            migrationBuilder.DropColumn(
                name: "EventNotices",
                table: "Subscribers");

            migrationBuilder.DropColumn(
                name: "UrgentPosts",
                table: "Subscribers");
        }
    }
}
