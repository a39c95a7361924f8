SELECT create_head(:domain)
