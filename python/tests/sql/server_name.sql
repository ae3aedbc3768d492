show cluster_name
