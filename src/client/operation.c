#include "operation.h"

/* A group and its first look share an id: neither operation may ever stand in for the other. */
static const struct hg_operation_row rows[HG_OPERATIONS] = {
    [HG_DELETE_PHOTO_AVATAR] =
        {
            .name = "delete_photo_avatar",
            .plural = "delete_photo_avatars",
            .method = "DELETE",
            .routes = {[HG_API_V2] = "/v2/photo_avatar/", [HG_API_V3] = "/v3/avatars/looks/"},
            .effect = HG_EFFECT_DELETE,
            .nouns = {"photo avatar", "avatar", "look", "avatar look", "photo avatar look"},
            .no_such_codes = {"400144", "400174", "avatar_not_found", "avatar_look_not_found",
                              "look_not_found", "photo_avatar_not_found"},
        },
    [HG_DELETE_AVATAR_GROUP] =
        {
            .name = "delete_avatar_group",
            .plural = "delete_avatar_groups",
            .method = "DELETE",
            .routes = {[HG_API_V2] = "/v2/photo_avatar_group/", [HG_API_V3] = "/v3/avatars/"},
            .effect = HG_EFFECT_DELETE,
            .nouns = {"avatar group", "photo avatar group", "group", "avatar"},
            .no_such_codes = {"avatar_group_not_found", "photo_avatar_group_not_found",
                              "avatar_not_found"},
        },
};

const struct hg_operation_row *hg_operation_row(enum hg_operation operation) {
  return &rows[operation];
}

const char *hg_operation_version_name(enum hg_api_version version) {
  static const char *const names[HG_API_CHOICES] = {
      [HG_API_V2] = "v2", [HG_API_V3] = "v3", [HG_API_AUTO] = "auto"};
  return names[version];
}
